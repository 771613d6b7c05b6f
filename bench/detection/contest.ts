/** One run of the simulator, given to every contestant at once. */
import { nameOf } from '../../test/traffic/disturbances.js';
import type { TrafficParameters } from '../../test/traffic/parameters.js';
import { Simulation } from '../../test/traffic/simulation.js';
import type { Alarm, Detector, MakeDetector } from './alarm.js';
import { type RunScore, scoreRun } from './score.js';

export interface Run {
  parameters: TrafficParameters;
  /** Requests of ordinary life. */
  benign: number;
  /** Days on which a person was there, summed. */
  userDays: number;
  /** By the detector's name. */
  scores: Map<string, RunScore>;
}

interface Contestant {
  detector: Detector;
  alarms: Alarm[];
}

const DAY = 86_400_000;

export function contest(parameters: Partial<TrafficParameters> & { seed: number }, makers: readonly MakeDetector[]): Run {
  const simulation = new Simulation(parameters);
  const contestants = makers.map((make): Contestant => {
    const alarms: Alarm[] = [];
    return { detector: make((alarm) => alarms.push(alarm)), alarms };
  });
  const requests: number[][] = [];
  let benign = 0;
  let userDays = 0;
  let seen = new Set<number>();
  let day = 0;
  for (const samples of simulation.chunks()) {
    for (const { log, attack, number } of samples) {
      if (attack < 0) benign += 1;
      else {
        const times = requests[attack] ?? [];
        times.push(log.ts);
        requests[attack] = times;
      }
      const today = Math.floor(log.ts / DAY);
      if (today !== day) {
        userDays += seen.size;
        seen = new Set();
        day = today;
      }
      if (attack < 0 && number >= 0 && number < simulation.parameters.users) seen.add(number);
      const endpoint = log.route === undefined ? `${log.method} /*` : nameOf({ method: log.method, route: log.route });
      for (const { detector } of contestants) detector.take(log, endpoint);
    }
  }
  userDays += seen.size;
  const scores = new Map<string, RunScore>();
  for (const { detector, alarms } of contestants) {
    detector.finish();
    scores.set(detector.name, scoreRun(alarms, simulation.labels, simulation.disturbances, requests));
  }
  return { parameters: simulation.parameters, benign, userDays, scores };
}

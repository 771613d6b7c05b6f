/**
 * Realistic request logs as ingestion completes those of an SDK: the simulator's shop, sent by four instances once a
 * second, so that a batch has what an instance saw in that second; durations to the hundredth, as the SDK rounds them.
 */
import { createHash } from 'node:crypto';
import type { RequestLog } from '@plimsoll/contracts';
import { Simulation } from '../../test/traffic/simulation.js';

const INSTANCES = 4;

export function* realisticLogs(users: number, days: number): Generator<RequestLog[]> {
  const simulation = new Simulation({ seed: 7, users, days });
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const shift = Math.floor(Date.now() / 86_400_000) * 86_400_000 - simulation.start - days * 86_400_000;
  let second = 0;
  let counts = Array.from({ length: INSTANCES }, () => 0);
  for (const samples of simulation.chunks()) {
    yield samples.map(({ log }) => {
      const now = Math.floor(log.ts / 1_000);
      if (now !== second) counts = counts.map(() => 0);
      second = now;
      const instance = Math.floor(random() * INSTANCES);
      const index = counts[instance] ?? 0;
      counts[instance] = index + 1;
      const batch = createHash('sha256').update(`${now} ${instance}`).digest('base64url').slice(0, 16);
      return {
        ...log,
        id: `batch:${batch}:${index}`,
        ts: log.ts + shift,
        durationMs: Math.round((log.durationMs + random()) * 100) / 100,
        bytesIn: log.method === 'GET' ? 0 : Math.round(50 + random() * 400),
      };
    });
  }
}

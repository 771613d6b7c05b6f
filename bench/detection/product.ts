/** The product as a contestant: its own replay loop with default settings, policy `throttle`. */
import { DEFAULT_SETTINGS, type RequestLog, type Settings } from '@plimsoll/contracts';
import { decide, Replay } from '@plimsoll/detection';
import type { Detector, OnAlarm } from './alarm.js';

export const SETTINGS: Settings = DEFAULT_SETTINGS;

export class Product implements Detector {
  readonly name = 'plimsoll';
  readonly #replay: Replay;

  constructor(onAlarm: OnAlarm, settings: Settings = SETTINGS) {
    this.#replay = new Replay(settings, (finding) => {
      if (finding.phase === 'ended') return;
      const { ts, kind, subject, actors = [], addresses = [] } = finding;
      const ruling = decide(finding, {
        policy: 'throttle',
        settings,
        requests: [],
        active: undefined,
        earlier: [],
        now: ts,
      });
      const opened = finding.phase === 'opened';
      onAlarm({ ts, kind, subject, parties: [...actors, ...addresses], opened, decides: ruling.type === 'create' });
    });
  }

  take(log: RequestLog): void {
    this.#replay.take('simulated', log);
  }

  finish(): void {
    this.#replay.finish();
  }
}

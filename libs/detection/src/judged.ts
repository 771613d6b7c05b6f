/** An assessment that knows where it came from; what the caller sees of it is the interface. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Charge } from './accuser.js';
import type { Assessment } from './assessment.js';
import type { Finding } from './finding.js';
import type { Rules } from './rules.js';
import type { Visit } from './visit.js';

export const NOTHING: Charge[] = [];
const SILENCE: Finding[] = [];

export class Judged implements Assessment {
  constructor(
    readonly visit: Visit,
    readonly rules: Rules,
    /** Undefined where the log is on the allow-list. */
    readonly charges: Charge[] | undefined,
    /** The window of its pace's limit that it crossed. */
    readonly window: number | undefined,
  ) {}

  get service(): string {
    return this.visit.service;
  }
  get log(): RequestLog {
    return this.visit.log;
  }
  get endpoint(): string {
    return this.visit.name;
  }
  get flagged(): boolean {
    return this.charges !== undefined && this.charges.length > 0;
  }
  get findings(): Finding[] {
    if (!this.flagged) return SILENCE;
    return (this.charges ?? NOTHING).flatMap(({ finding }) => finding ?? []);
  }
}

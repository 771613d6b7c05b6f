/**
 * The last requests of each source, kept so that an alert can show what led to it. Bounded: the newest sources, and of each
 * the newest requests; what is forgotten is missing from the evidence and nowhere else.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from './finding.js';

/** A request, and the endpoint that it was counted for. */
export interface EvidenceLog {
  log: RequestLog;
  endpoint: string;
}

const MAX_SOURCES = 5_000;
const MAX_LOGS = 20;

const keyOf = (service: string, type: string, id: string) => `${service}\n${type}\n${id}`;

export class Evidence {
  readonly #recent = new Map<string, EvidenceLog[]>();

  /** One request, for its actor and for its address. */
  note(service: string, log: RequestLog, endpoint: string): void {
    if (log.actor !== undefined) this.#add(keyOf(service, 'actor', log.actor), { log, endpoint });
    this.#add(keyOf(service, 'address', log.ip), { log, endpoint });
    if (log.credential !== undefined) this.#add(keyOf(service, 'credential', log.credential), { log, endpoint });
  }

  /** What led to a finding: its subject's last requests, on its endpoint where it has one. */
  of({ service, subject, endpoint }: Finding): EvidenceLog[] {
    const found = this.#recent.get(keyOf(service, subject.type, subject.id)) ?? [];
    return endpoint === null ? found : found.filter((entry) => entry.endpoint === endpoint);
  }

  #add(key: string, entry: EvidenceLog): void {
    const known = this.#recent.get(key);
    if (known) this.#recent.delete(key);
    else if (this.#recent.size >= MAX_SOURCES) this.#recent.delete(this.#recent.keys().next().value ?? '');
    const kept = known ?? [];
    if (kept.length >= MAX_LOGS) kept.shift();
    kept.push(entry);
    this.#recent.set(key, kept);
  }
}

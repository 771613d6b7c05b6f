/**
 * The last requests of each source, kept so that an alert can show what led to it. Bounded: the newest sources, and of each
 * the newest requests; what is forgotten is missing from the evidence and nowhere else.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from './finding.js';

/** By what a request is found again. */
type Party = Pick<RequestLog, 'actor' | 'ip' | 'credential'>;

/** A request, or as much of it as is needed, and the endpoint that it was counted for. */
export interface EvidenceLog<Shown = RequestLog> {
  log: Shown;
  endpoint: string;
}

const MAX_SOURCES = 5_000;
const MAX_LOGS = 20;

/** One source's requests, in the ring of all: the one used last lies before the first. */
interface Kept<Shown> {
  id: string;
  /** Where its key lies. */
  among: Map<string, Kept<Shown>>;
  logs: EvidenceLog<Shown>[];
  older: Kept<Shown>;
  newer: Kept<Shown>;
}
type Kinds<Shown> = Record<'actor' | 'address' | 'credential', Map<string, Kept<Shown>>>;

function ringHead<Shown>(): Kept<Shown> {
  const head = { id: '', among: new Map<string, Kept<Shown>>(), logs: [] } as unknown as Kept<Shown>;
  head.older = head;
  head.newer = head;
  return head;
}

export class Evidence<Shown extends Party = RequestLog> {
  /** By service (an installation's, few) and kind of source. A ring says who is oldest: a map that is deleted from and added to at each request is slow. */
  readonly #services = new Map<string, Kinds<Shown>>();
  readonly #head = ringHead<Shown>();
  #size = 0;

  /** One request, for its actor and for its address. */
  note(service: string, log: Shown, endpoint: string): void {
    const { actor, address, credential } = this.#of(service);
    const entry = { log, endpoint };
    if (log.actor !== undefined) this.#add(actor, log.actor, entry);
    this.#add(address, log.ip, entry);
    if (log.credential !== undefined) this.#add(credential, log.credential, entry);
  }

  /** What led to a finding: its subject's last requests, on its endpoint where it has one. */
  of({ service, subject, endpoint }: Finding): EvidenceLog<Shown>[] {
    const kinds: Partial<Record<string, Map<string, Kept<Shown>>>> | undefined = this.#services.get(service);
    const found = kinds?.[subject.type]?.get(subject.id)?.logs ?? [];
    return endpoint === null ? found : found.filter((entry) => entry.endpoint === endpoint);
  }

  #of(service: string): Kinds<Shown> {
    const known = this.#services.get(service);
    if (known) return known;
    const kinds: Kinds<Shown> = { actor: new Map(), address: new Map(), credential: new Map() };
    this.#services.set(service, kinds);
    return kinds;
  }

  #add(among: Map<string, Kept<Shown>>, id: string, entry: EvidenceLog<Shown>): void {
    const kept = among.get(id) ?? this.#begin(among, id);
    if (kept.newer !== this.#head) this.#moveUp(kept);
    if (kept.logs.length >= MAX_LOGS) kept.logs.shift();
    kept.logs.push(entry);
  }

  /** The oldest makes room. */
  #begin(among: Map<string, Kept<Shown>>, id: string): Kept<Shown> {
    const head = this.#head;
    if (this.#size >= MAX_SOURCES) {
      const oldest = head.newer;
      oldest.among.delete(oldest.id);
      head.newer = oldest.newer;
      oldest.newer.older = head;
    } else this.#size += 1;
    const kept: Kept<Shown> = { id, among, logs: [], older: head.older, newer: head };
    head.older.newer = kept;
    head.older = kept;
    among.set(id, kept);
    return kept;
  }

  #moveUp(kept: Kept<Shown>): void {
    const head = this.#head;
    kept.older.newer = kept.newer;
    kept.newer.older = kept.older;
    kept.older = head.older;
    kept.newer = head;
    head.older.newer = kept;
    head.older = kept;
  }
}

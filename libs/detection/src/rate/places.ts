/**
 * Where a log belongs: its endpoint, its source and the record of the two. Looked up once for all who judge and learn it;
 * made when it is learnt. Between the two, or since a batch was looked up ahead, other logs may have made, moved or evicted
 * them: what was found is checked again.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { type Source, sourceId, sourceOf, sourceType } from '../entities/sources.js';
import { newVisit, type Seen, type Visit } from '../visit.js';
import type { Shelf } from './shelf.js';

export class Places {
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** The log with its places, as far as they are known. Changes nothing. */
  visit(service: string, log: RequestLog, name: string): Visit {
    return this.renew(newVisit(service, log, name));
  }

  /** Finds the places of many visits together. */
  find(visits: readonly Visit[]): void {
    this.#shelf.sources.meet(visits);
    this.#shelf.pairs.findLikely(visits);
  }

  /** The places as they are now. */
  renew(visit: Visit): Visit {
    const { sources } = this.#shelf;
    const { service, name, log, past } = visit;
    visit.endpoint ??= sources.endpoint(service, name);
    if (!this.#isHeld(visit.source)) visit.source = sources.find(service, sourceType(log), sourceId(log), past);
    if (!this.#hasSlot(visit)) visit.slot = visit.endpoint ? this.#shelf.find(visit.source, visit.endpoint) : -1;
    return visit;
  }

  /** The log is learnt: what is missing is made, save the record. */
  settle(visit: Visit): Seen {
    const { service, name, log, past } = visit;
    const { sources } = this.#shelf;
    visit.endpoint ??= sources.addEndpoint(service, name);
    if (!this.#isHeld(visit.source)) {
      const { type, id } = sourceOf(log);
      visit.source = sources.find(service, type, id, past) ?? sources.addSource(service, type, id, past);
    }
    if (!this.#hasSlot(visit)) visit.slot = -1;
    return visit as Seen;
  }

  #isHeld(source: Source | undefined): boolean {
    return source !== undefined && this.#shelf.sources.byIndex[source.index] === source;
  }

  #hasSlot({ slot, source, endpoint }: Visit): boolean {
    return source !== undefined && endpoint !== undefined && this.#shelf.pairs.holds(slot, source.index, endpoint.index);
  }
}

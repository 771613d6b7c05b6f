/**
 * Stage two of one shard: what spans actors. Takes in what the logs of all shards leave for the addresses, accounts,
 * credentials, endpoints and services of this one, judges it, and keeps what everybody else's models are told.
 */
import type { VerdictReport } from '@plimsoll/contracts';
import type { Accuser } from './accuser.js';
import { MAX_ENDPOINTS, WATCH_SHARE } from './constants.js';
import type { Contribution, UsualTraffic } from './contribution.js';
import { Crowds } from './crowd/crowds.js';
import { fromBytes } from './entities/text-bytes.js';
import type { Finding } from './finding.js';
import { Credentials } from './identity/credentials.js';
import type { Commons } from './objects/norms.js';
import { Levels } from './rate/levels.js';
import { Populations } from './rate/populations.js';
import type { Rules } from './rules.js';
import { Campaigns } from './watch/campaigns.js';
import { Watch } from './watch/watch.js';

/** Where one part of the state is written to: what was put under a key replaces what was there. */
interface Into {
  put: (key: string, state: unknown) => void;
  putBytes: (key: string, state: Uint8Array) => void;
  remove: (key: string) => void;
}

export class SecondStage {
  readonly credentials: Credentials;
  readonly populations = new Populations(MAX_ENDPOINTS);
  readonly levels = new Levels(MAX_ENDPOINTS);
  readonly #watch: Watch;
  readonly #campaigns: Campaigns;
  readonly #crowds: Crowds;

  constructor(maxEntities: number, accuser: Accuser, commons: Commons) {
    this.credentials = new Credentials(accuser, commons);
    this.#watch = new Watch(Math.max(100, Math.floor(maxEntities * WATCH_SHARE)), accuser);
    this.#campaigns = new Campaigns(accuser);
    this.#crowds = new Crowds(accuser);
  }

  get size(): number {
    return this.#watch.size + this.#campaigns.size + this.credentials.size;
  }

  get evicted(): number {
    return this.#watch.evicted + this.#campaigns.evicted + this.#crowds.evicted + this.credentials.evicted;
  }

  get overflowed(): number {
    return this.populations.overflowed + this.#crowds.overflowed + this.levels.overflowed;
  }

  absorb(contribution: Contribution, rules: Rules): Finding[] {
    switch (contribution.entity) {
      case 'address':
      case 'actor':
        return this.#watch.absorb(contribution, rules);
      case 'sign-ins':
        return this.#campaigns.absorb(contribution, rules);
      case 'credential':
        return this.credentials.absorb(contribution, rules);
      case 'pulse':
        this.levels.absorb(contribution);
        return this.#crowds.absorb(contribution, rules);
      case 'endpoint':
        this.populations.absorb(contribution);
        return [];
    }
  }

  takeUsual(): UsualTraffic[] {
    return this.#crowds.takeUsual();
  }

  /** Who has calmed down begins anew. */
  pardon(ended: readonly Finding[]): void {
    if (ended.length === 0) return;
    for (const keeper of [this.#watch, this.#campaigns]) for (const finding of ended) keeper.pardon(finding);
  }

  heed(verdict: VerdictReport): void {
    this.#crowds.heed(verdict);
  }

  takeChanges(into: (part: string) => Into): void {
    const parts = { w: this.#watch, g: this.#campaigns, k: this.credentials };
    for (const [part, keeper] of Object.entries(parts)) keeper.takeChanges(into(part).put, into(part).remove);
    this.populations.takeChanges(into('p').put);
    this.populations.takeSeasons(into('h').putBytes);
    this.levels.takeChanges(into('l').put);
    this.#crowds.takeChanges(into('c').putBytes, into('c').remove);
  }

  /** @returns whether it could be read; undefined where the part is not of this stage */
  load(part: string, name: string, bytes: Uint8Array): boolean | undefined {
    if (part === 'c') return this.#crowds.load(name, bytes);
    if (part === 'h') return this.populations.loadSeason(name, bytes);
    if (!'wgkpl'.includes(part)) return undefined;
    const state = fromBytes(bytes);
    if (typeof state !== 'object' || state === null) return false;
    if (part === 'w') return this.#watch.load(state);
    if (part === 'g') return this.#campaigns.load(name, state);
    if (part === 'k') return this.credentials.load(name, state);
    if (part === 'l') return this.levels.load(name, state);
    this.populations.load(name, state);
    return true;
  }
}

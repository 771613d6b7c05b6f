/**
 * Stage two for sign-in endpoints: one alert for a campaign of many addresses, kind `credential-stuffing`, about the
 * endpoint, with the accounts and addresses that take part. Nobody is throttled for it: each of them made a few tries.
 */
import type { Accuser } from '../accuser.js';
import { MAX_PARTIES } from '../constants.js';
import type { SignInsContribution } from '../contribution.js';
import type { Excess } from '../excess.js';
import { amount } from '../explain.js';
import type { Finding } from '../finding.js';
import type { Rules } from '../rules.js';
import { CAMPAIGN_VERSION, Campaign, type CampaignOver, type CampaignState, newCampaign } from './campaign.js';
import { CAMPAIGN_SECONDS, HOME_PARTS, MAX_CAMPAIGNS } from './constants.js';
import { Homes } from './homes.js';

type Named = Pick<CampaignState, 'service' | 'endpoint' | 'past'>;

const keyOf = ({ service, endpoint, past }: Named) => JSON.stringify([service, endpoint, past ? 1 : 0]);

export class Campaigns {
  evicted = 0;
  readonly #accuser: Accuser;
  /** The longest unseen first. */
  readonly #campaigns = new Map<string, Campaign>();
  readonly #dirty = new Set<string>();
  readonly #gone = new Set<string>();

  constructor(accuser: Accuser) {
    this.#accuser = accuser;
  }

  get size(): number {
    return this.#campaigns.size;
  }

  absorb(contribution: SignInsContribution, rules: Rules): Finding[] {
    const { service, id, historical } = contribution;
    const key = keyOf({ service, endpoint: id, past: historical });
    const campaign = this.#campaigns.get(key) ?? new Campaign(newCampaign(contribution), new Homes());
    this.#campaigns.delete(key);
    this.#campaigns.set(key, campaign);
    this.#dirty.add(key);
    this.#bound();
    const strangers = campaign.absorb(contribution);
    if (strangers === 0) return [];
    const tuning = rules.on(id);
    const over = campaign.judge(tuning.sensitivity);
    if (!over) return [];
    const last = contribution.samples.at(-1);
    const ts = last?.ts ?? contribution.second * 1000;
    const occasion = { service, ts, logId: last?.id ?? '', past: historical };
    const charge = this.#accuser.judge(excessOf(campaign.state, over, strangers, ts), occasion, tuning);
    if (charge) this.#accuser.note(charge);
    return charge?.finding ? [charge.finding] : [];
  }

  pardon({ kind, service, subject, historical }: Finding): void {
    if (kind !== 'credential-stuffing' || subject.type !== 'endpoint') return;
    const key = keyOf({ service, endpoint: subject.id, past: historical });
    const campaign = this.#campaigns.get(key);
    if (!campaign) return;
    campaign.pardon();
    this.#dirty.add(key);
  }

  takeChanges(put: (key: string, state: unknown) => void, remove: (key: string) => void): void {
    for (const key of this.#gone) {
      if (this.#campaigns.has(key)) continue;
      remove(key);
      for (let part = 0; part < HOME_PARTS; part += 1) remove(`${part} ${key}`);
    }
    this.#gone.clear();
    for (const key of this.#dirty) {
      const campaign = this.#campaigns.get(key);
      if (!campaign) continue;
      put(key, campaign.stored());
      for (const part of campaign.homes.dirty)
        put(`${part} ${key}`, { version: CAMPAIGN_VERSION, stays: campaign.homes.part(part) });
      campaign.homes.dirty.clear();
    }
    this.#dirty.clear();
  }

  /** The parts of the homes may come before what they belong to. False where it cannot be read. */
  load(key: string, state: object): boolean {
    if (!('version' in state) || state.version !== CAMPAIGN_VERSION) return false;
    const [, part, name = key] = /^(\d+) (.*)$/s.exec(key) ?? [];
    const known = this.#campaigns.get(name);
    if (part !== undefined) {
      if (!('stays' in state) || !Array.isArray(state.stays)) return false;
      const campaign = known ?? this.#blank(name);
      campaign?.homes.load(Number(part), state.stays.map(Number));
      return campaign !== undefined;
    }
    if (!('pending' in state)) return false;
    this.#campaigns.set(name, new Campaign(state as CampaignState, known?.homes ?? new Homes()));
    return true;
  }

  #blank(key: string): Campaign | undefined {
    const [service, endpoint, past]: unknown[] = JSON.parse(key);
    if (typeof service !== 'string' || typeof endpoint !== 'string') return undefined;
    const blank = { entity: 'sign-ins', failed: [], entered: [], failures: 0, successes: 0, samples: [], second: 0 } as const;
    const campaign = new Campaign(
      newCampaign({ ...blank, failed: [], entered: [], samples: [], service, id: endpoint, historical: past === 1 }),
      new Homes(),
    );
    this.#campaigns.set(key, campaign);
    return campaign;
  }

  #bound(): void {
    if (this.#campaigns.size <= MAX_CAMPAIGNS) return;
    const [eldest = ''] = this.#campaigns.keys();
    this.#campaigns.delete(eldest);
    this.#gone.add(eldest);
    this.evicted += 1;
  }
}

function excessOf({ endpoint }: CampaignState, over: CampaignOver, strangers: number, ts: number): Excess {
  const { observed, expected, limit, score, blocks, accounts, addresses } = over;
  const numbers = { observed, expected, limit };
  return {
    kind: 'credential-stuffing',
    subject: { type: 'endpoint', id: endpoint },
    endpoint,
    where: '',
    ...numbers,
    unit: 'accounts',
    windowSeconds: CAMPAIGN_SECONDS,
    score,
    evidence: { own: Math.round(blocks), population: 0, weight: 0 },
    verified: false,
    rate: null,
    requests: strangers,
    opening: observed,
    words: (clear) => ({
      explanation: explain(endpoint, over, clear),
      signals: [
        { name: `accounts in ${CAMPAIGN_SECONDS} s`, observed, expected, score },
        { name: 'addresses', observed: addresses.length, expected: 0, score },
      ],
      points: [{ ts, ...numbers }],
      actors: accounts.slice(0, MAX_PARTIES),
      addresses: addresses.slice(0, MAX_PARTIES),
      actorCount: accounts.length,
      addressCount: addresses.length,
    }),
  };
}

function explain(endpoint: string, { observed, expected, blocks, successes, addresses }: CampaignOver, clear: number): string {
  const who = `${amount(observed)} accounts failed to sign in within half an hour on ${endpoint.slice(0, 80)}`;
  const from = `from ${amount(addresses.length)} addresses where none of them had signed in before, a few each`;
  const norm =
    blocks >= 1 ? `its norm is ${amount(expected)} (seen ${amount(Math.round(blocks))} times)` : `${amount(expected)} is assumed`;
  const meanwhile = `${amount(successes)} sign-ins succeeded meanwhile, ${norm}`;
  return `${who}, ${from}; ${meanwhile}; at ${amount(Math.floor(clear))} or fewer there would be no alert.`;
}

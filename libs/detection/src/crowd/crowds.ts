/**
 * Stage two of what endpoints do as a whole: kinds `flood` and `endpoint-health`. Pulses of all shards of a service come to
 * one shard, are added up, and each that comes is judged with what is there: failures and slowness of an endpoint, or of
 * the service where half of its endpoints have them; floods of an endpoint beyond what everything else does, or of the
 * service. Nobody is blamed.
 */
import type { Subject, VerdictReport } from '@plimsoll/contracts';
import type { Accuser, Occasion } from '../accuser.js';
import { CLOCK_SLACK_SECONDS } from '../constants.js';
import type { PulseContribution } from '../contribution.js';
import { episodeKey } from '../episodes.js';
import type { Excess } from '../excess.js';
import type { Finding } from '../finding.js';
import type { Rules } from '../rules.js';
import {
  MAX_CROWD_SERVICES,
  MAX_CROWDS,
  PULSE_SECONDS,
  SERVICE_TROUBLE_LEAST,
  SERVICE_WELL_SHARE,
  TROUBLE_PULSES,
} from './constants.js';
import { Crowd } from './crowd.js';
import { flooding, isSwollen, surgeOf } from './flood.js';
import { illness, isAiling, isWell } from './health.js';
import { FLOOD, HEALTH } from './norm.js';
import { type Over, scoreOf } from './over.js';
import { minuteOf } from './window.js';

interface Service {
  /** Everything together. */
  whole: Crowd;
  endpoints: Map<string, Crowd>;
  /** Newest pulse. */
  clock: number;
}

/** Key of the record of a whole service in place of an endpoint's name. */
const WHOLE = '';
/** Records looked at when one must go. */
const SAMPLE = 16;

export class Crowds {
  evicted = 0;
  /** Pulses on services beyond the cap. */
  overflowed = 0;
  readonly #accuser: Accuser;
  readonly #services = new Map<string, Service>();
  readonly #gone: string[] = [];
  #size = 0;

  constructor(accuser: Accuser) {
    this.#accuser = accuser;
  }

  absorb(contribution: PulseContribution, rules: Rules): Finding[] {
    const service = this.#serviceOf(contribution.service);
    if (!service) return [];
    const pulse = Math.floor(contribution.second / PULSE_SECONDS);
    this.#tick(service, pulse);
    const touched: Crowd[] = [];
    for (const { endpoint, groups } of contribution.endpoints) {
      const crowd = this.#crowdOf(service, contribution.service, endpoint);
      crowd.add(pulse, groups, service.clock);
      service.whole.add(pulse, groups, service.clock);
      touched.push(crowd);
    }
    const occasion = { service: contribution.service, ts: contribution.newest, logId: contribution.logId, past: false };
    return [...this.#illnesses(service, touched, occasion, rules), ...this.#floods(service, touched, occasion, rules)];
  }

  heed({ service, subject, endpoint, verdict }: VerdictReport): void {
    if (verdict !== 'expected-change') return;
    const known = this.#services.get(service);
    const crowd = subject.type === 'service' ? known?.whole : known?.endpoints.get(endpoint ?? subject.id);
    crowd?.norm.accept();
    if (crowd) crowd.dirty = true;
  }

  takeChanges(put: (key: string, state: Uint8Array) => void, remove: (key: string) => void): void {
    for (const key of this.#gone.splice(0)) remove(key);
    for (const { whole, endpoints } of this.#services.values()) {
      for (const crowd of [whole, ...endpoints.values()]) {
        if (!crowd.dirty) continue;
        crowd.dirty = false;
        put(keyOf(crowd), crowd.state);
      }
    }
  }

  /** @returns whether the state could be read */
  load(key: string, state: Uint8Array): boolean {
    try {
      const [name, endpoint]: unknown[] = JSON.parse(key);
      if (typeof name !== 'string' || typeof endpoint !== 'string') return false;
      const crowd = new Crowd(name, endpoint === WHOLE ? null : endpoint, state);
      crowd.dirty = false;
      const service = this.#serviceOf(name);
      if (!service) return true;
      if (crowd.endpoint === null) service.whole = crowd;
      else service.endpoints.set(crowd.endpoint, crowd);
      service.clock = Math.max(service.clock, crowd.newest);
      this.#size += crowd.endpoint === null ? 0 : 1;
      return true;
    } catch {
      return false;
    }
  }

  /** Failures and slowness. All touched endpoints are judged before anything is said, so that one outage is one finding. */
  #illnesses(service: Service, touched: readonly Crowd[], occasion: Occasion, rules: Rules): Finding[] {
    const share = service.whole.norm.failedShare();
    const ill: { crowd: Crowd; over: Over }[] = [];
    for (const crowd of touched) {
      const over = illness(crowd, service.clock, share);
      if (!over) {
        this.#prolong('endpoint-health', crowd, service, occasion);
        continue;
      }
      crowd.illAt = service.clock;
      crowd.norm.note(HEALTH, minuteOf(service.clock));
      ill.push({ crowd, over });
    }
    if (ill.length === 0) {
      this.#prolong('endpoint-health', service.whole, service, occasion);
      return [];
    }
    const everywhere = this.#isEverywhere(service);
    const whole = everywhere ? illness(service.whole, service.clock, share) : undefined;
    if (whole) service.whole.norm.note(HEALTH, minuteOf(service.clock));
    const open = this.#accuser.isOpen('endpoint-health', occasion, 'service', occasion.service);
    const said = whole ? [this.#say(service.whole, whole, occasion, rules)] : [];
    for (const { crowd, over } of ill) {
      const known = this.#accuser.isOpen('endpoint-health', occasion, 'endpoint', crowd.endpoint ?? '');
      if (known || !(open || whole)) said.push(this.#say(crowd, over, occasion, rules));
    }
    return said.flat();
  }

  #isEverywhere({ endpoints, clock }: Service): boolean {
    let ill = 0;
    let well = 0;
    for (const crowd of endpoints.values()) {
      if (crowd.illAt > 0 && clock - crowd.illAt < TROUBLE_PULSES) ill += 1;
      else if (isWell(crowd, clock)) well += 1;
    }
    return ill >= SERVICE_TROUBLE_LEAST && well < SERVICE_WELL_SHARE * ill;
  }

  /** What is half over is not over: an open finding ends when the endpoint is well again. */
  #prolong(kind: Over['kind'], crowd: Crowd, { clock }: Service, { service, ts, past }: Occasion): void {
    const { type, id } = subjectOf(crowd);
    const key = episodeKey(kind, service, past, type, id, '');
    if (!this.#accuser.isOpen(kind, { service, past }, type, id)) return;
    if (!(kind === 'flood' ? isSwollen(crowd, clock) : isAiling(crowd, clock))) return;
    crowd.norm.note(kind === 'flood' ? FLOOD : HEALTH, minuteOf(clock));
    this.#accuser.note({ key, ts, past, requests: 0, finding: undefined });
  }

  /** What fails is asked for again: while it does, its requests are no flood. */
  #floods(service: Service, touched: readonly Crowd[], occasion: Occasion, rules: Rules): Finding[] {
    const { whole, endpoints, clock } = service;
    const said: Finding[][] = [];
    let known = false;
    for (const crowd of touched) {
      if (crowd.illAt > 0 && clock - crowd.illAt < TROUBLE_PULSES) continue;
      const over = flooding(crowd, clock, (span) => surgeOf(endpoints.values(), crowd, clock, span));
      if (over) {
        crowd.norm.note(FLOOD, minuteOf(clock));
        said.push(this.#say(crowd, over, occasion, rules));
      } else this.#prolong('flood', crowd, service, occasion);
      known ||= over !== undefined;
    }
    if (whole.illAt > 0 && clock - whole.illAt < TROUBLE_PULSES) return said.flat();
    const over = flooding(whole, clock, () => 1);
    if (!over) {
      this.#prolong('flood', whole, service, occasion);
      return said.flat();
    }
    whole.norm.note(FLOOD, minuteOf(clock));
    if (!known && !this.#isFlooded(service, occasion)) said.push(this.#say(whole, over, occasion, rules));
    return said.flat();
  }

  /** An endpoint is flooded already: what the service has too much of is that. */
  #isFlooded({ endpoints }: Service, occasion: Occasion): boolean {
    for (const name of endpoints.keys()) if (this.#accuser.isOpen('flood', occasion, 'endpoint', name)) return true;
    return false;
  }

  #say(crowd: Crowd, over: Over, occasion: Occasion, rules: Rules): Finding[] {
    const charge = this.#accuser.judge(excessOf(crowd, over), occasion, rules.on(crowd.endpoint));
    if (charge) this.#accuser.note(charge);
    return charge?.finding ? [charge.finding] : [];
  }

  /** A pulse far older than the newest: the clock was put right. */
  #tick(service: Service, pulse: number): void {
    if (service.clock - pulse > CLOCK_SLACK_SECONDS / PULSE_SECONDS) {
      for (const crowd of [service.whole, ...service.endpoints.values()]) crowd.restart(pulse);
      service.clock = pulse;
    }
    service.clock = Math.max(service.clock, pulse);
  }

  #serviceOf(name: string): Service | undefined {
    const known = this.#services.get(name);
    if (known) return known;
    if (this.#services.size >= MAX_CROWD_SERVICES) {
      this.overflowed += 1;
      return undefined;
    }
    const service = { whole: new Crowd(name, null), endpoints: new Map(), clock: 0 };
    this.#services.set(name, service);
    return service;
  }

  #crowdOf(service: Service, name: string, endpoint: string): Crowd {
    const known = service.endpoints.get(endpoint);
    if (known) return known;
    if (this.#size >= MAX_CROWDS) this.#evict();
    const crowd = new Crowd(name, endpoint);
    service.endpoints.set(endpoint, crowd);
    this.#size += 1;
    return crowd;
  }

  /** The quietest among the oldest of the service that has most. */
  #evict(): void {
    let most: Service | undefined;
    for (const service of this.#services.values()) if (!most || service.endpoints.size > most.endpoints.size) most = service;
    let least: Crowd | undefined;
    let looked = 0;
    for (const [name, crowd] of most?.endpoints ?? []) {
      if (looked >= SAMPLE) break;
      looked += 1;
      // To the end of the line, so that the next look is at others.
      most?.endpoints.delete(name);
      most?.endpoints.set(name, crowd);
      if (!least || crowd.norm.weight < least.norm.weight) least = crowd;
    }
    if (!least) return;
    most?.endpoints.delete(least.endpoint ?? WHOLE);
    this.#gone.push(keyOf(least));
    this.#size -= 1;
    this.evicted += 1;
  }
}

const keyOf = ({ service, endpoint }: Crowd) => JSON.stringify([service, endpoint ?? WHOLE]);

const subjectOf = ({ service, endpoint }: Crowd): Subject =>
  endpoint === null ? { type: 'service', id: service } : { type: 'endpoint', id: endpoint };

function excessOf(crowd: Crowd, over: Over): Excess {
  const { service, endpoint } = crowd;
  const { kind, observed, expected, limit, unit, windowSeconds, requests, evidence, signals, points, explain } = over;
  const where = endpoint ?? `the whole of ${service}`;
  return {
    kind,
    subject: subjectOf(crowd),
    endpoint,
    where: '',
    observed,
    expected,
    limit,
    unit,
    windowSeconds,
    score: scoreOf(over),
    evidence,
    verified: false,
    rate: null,
    requests,
    words: (most) => ({ explanation: explain(where, most), signals, points }),
  };
}

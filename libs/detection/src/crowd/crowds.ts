/**
 * Stage two of what endpoints do as a whole: kinds `flood` and `endpoint-health`. Pulses of all shards of a service come to
 * one shard, are added up, and each that comes is judged with what is there: failures and slowness of an endpoint, or of
 * the service where half of its endpoints have them; floods of an endpoint beyond what everything else does, or of the
 * service. Nobody is blamed.
 */
import type { Subject, VerdictReport } from '@plimsoll/contracts';
import type { Accuser, Occasion } from '../accuser.js';
import { CLOCK_SLACK_SECONDS, PLAIN_SENSITIVITY } from '../constants.js';
import type { EndpointPulse, PulseContribution, UsualTraffic } from '../contribution.js';
import type { Excess } from '../excess.js';
import type { Finding } from '../finding.js';
import type { Rules } from '../rules.js';
import { PULSE_SECONDS, SERVICE_TROUBLE_LEAST, SERVICE_WELL_SHARE, TROUBLE_PULSES } from './constants.js';
import type { Crowd } from './crowd.js';
import { flooding, surgeOf } from './flood.js';
import { illness, isWell } from './health.js';
import { FLOOD, HEALTH } from './norm.js';
import { type Over, scoreOf } from './over.js';
import { Room, type Service } from './room.js';
import { minuteOf } from './window.js';

export class Crowds {
  readonly #accuser: Accuser;
  readonly #room = new Room();

  constructor(accuser: Accuser) {
    this.#accuser = accuser;
  }

  absorb(contribution: PulseContribution, rules: Rules): Finding[] {
    const service = this.#room.service(contribution.service);
    if (!service) return [];
    const pulse = Math.floor(contribution.second / PULSE_SECONDS);
    this.#tick(service, pulse);
    const touched: Crowd[] = [];
    const sum: number[][] = [];
    for (const { endpoint, groups } of contribution.endpoints) {
      const crowd = this.#room.crowd(service, contribution.service, endpoint);
      crowd.add(pulse, groups, service.clock);
      addUp(groups, sum);
      touched.push(crowd);
      this.#room.watchMinutes(crowd);
    }
    service.whole.add(
      pulse,
      sum.filter((group) => group !== undefined),
      service.clock,
    );
    const occasion = { service: contribution.service, ts: contribution.newest, logId: contribution.logId, past: false };
    return [...this.#illnesses(service, touched, occasion, rules), ...this.#floods(service, touched, occasion, rules)];
  }

  get evicted(): number {
    return this.#room.evicted;
  }

  get overflowed(): number {
    return this.#room.overflowed;
  }

  /** What is usual of services as a whole, where it changed since the last take. */
  takeUsual(): UsualTraffic[] {
    return this.#room.takeUsual();
  }

  takeChanges(put: (key: string, state: Uint8Array) => void, remove: (key: string) => void): void {
    this.#room.takeChanges(put, remove);
  }

  load(key: string, state: Uint8Array): boolean {
    return this.#room.load(key, state);
  }

  heed({ service, subject, endpoint, verdict }: VerdictReport): void {
    if (verdict !== 'expected-change') return;
    const known = this.#room.find(service);
    const crowd = subject.type === 'service' ? known?.whole : known?.endpoints.get(endpoint ?? subject.id);
    crowd?.norm.accept();
    if (crowd) crowd.dirty = true;
  }

  /** Failures and slowness. All touched endpoints are judged before anything is said, so that one outage is one finding. */
  #illnesses(service: Service, touched: readonly Crowd[], occasion: Occasion, rules: Rules): Finding[] {
    const share = service.whole.norm.failedShare();
    const ill: { crowd: Crowd; over: Over }[] = [];
    for (const crowd of touched) {
      const over = illness(crowd, service.clock, share);
      if (!over) continue;
      crowd.illAt = service.clock;
      crowd.norm.note(HEALTH, minuteOf(service.clock));
      ill.push({ crowd, over });
    }
    if (ill.length === 0) return [];
    const everywhere = this.#isEverywhere(service);
    const whole = everywhere ? illness(service.whole, service.clock, share) : undefined;
    if (whole) {
      service.whole.illAt = service.clock;
      service.whole.norm.note(HEALTH, minuteOf(service.clock));
    }
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

  /** What fails is asked for again: while it does, its requests are no flood. */
  #floods(service: Service, touched: readonly Crowd[], occasion: Occasion, rules: Rules): Finding[] {
    const { whole, endpoints, clock } = service;
    const said: Finding[][] = [];
    let known = false;
    for (const crowd of touched) {
      if (crowd.illAt > 0 && clock - crowd.illAt < TROUBLE_PULSES) continue;
      const over = flooding(crowd, whole, clock, (span) => surgeOf(endpoints.values(), crowd, clock, span));
      if (over) {
        crowd.norm.note(FLOOD, minuteOf(clock));
        said.push(this.#say(crowd, over, occasion, rules));
      }
      known ||= over !== undefined;
    }
    if (whole.illAt > 0 && clock - whole.illAt < TROUBLE_PULSES) return said.flat();
    const over = flooding(whole, whole, clock, () => 1);
    if (!over) return said.flat();
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
    const tuning = rules.on(crowd.endpoint);
    const charge = this.#accuser.judge(excessOf(crowd, stretched(over, tuning.sensitivity)), occasion, tuning);
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
}

/** Sums of all endpoints, by group. */
function addUp(groups: EndpointPulse['groups'], sum: number[][]): void {
  for (const group of groups) {
    const known = sum[group[0] ?? 0];
    if (known) for (let field = 1; field < group.length; field += 1) known[field] = (known[field] ?? 0) + (group[field] ?? 0);
    else sum[group[0] ?? 0] = [...group];
  }
}

/** More tolerant than plain, where somebody asked for it; practical size is never asked less of. */
function stretched(over: Over, sensitivity: number): Over {
  const factor = Math.max(1, sensitivity / PLAIN_SENSITIVITY);
  return factor === 1 ? over : { ...over, limit: over.expected + (over.limit - over.expected) * factor };
}

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

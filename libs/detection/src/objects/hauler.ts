/**
 * Kind `exfiltration`: who takes far more bytes from an endpoint than its answers have, in several answers that are each
 * beyond what is usual there. Many answers of the usual size are not meant: they are a pace, or a walk over objects.
 *
 *   sizes  lognormal, by endpoint (sizes.ts); large: beyond three standard deviations and four times the usual
 *   haul   bytes of a source's large answers on an endpoint in an hour and in a day (haul.ts)
 *   limit  haul-limits.ts; from the third large answer on, where at least each tenth answer is large
 *
 * State: only of sources that have had a large answer; where sizes are not reported (0), nothing is judged. What was over
 * the limit is not learnt, but remembered: the same again is no news.
 */
import type { RequestLog, VerdictReport } from '@plimsoll/contracts';
import { CLOCK_SLACK_SECONDS } from '../constants.js';
import type { Contribution } from '../contribution.js';
import type { Detector } from '../detector.js';
import type { Source } from '../entities/sources.js';
import type { Excess } from '../excess.js';
import type { Rules, Tuning } from '../rules.js';
import type { Seen, Visit } from '../visit.js';
import { HAUL_ANSWERS, HAUL_SHARE, HAUL_WINDOWS, SETTLED_SECONDS } from './constants.js';
import { count, type Haul, haulBlock, learnPeak, moveTo, taken } from './haul.js';
import { haulLimit } from './haul-limits.js';
import { haulExcess, type OverHaul } from './haul-words.js';
import { Hauls, readHauls } from './hauls.js';
import { type Commons, NormLedger } from './norms.js';
import { AllSizes, type Sizes } from './sizes.js';

const HOUR = HAUL_WINDOWS[0].seconds;
/** What is learnt must not depend on whose settings hold. */
const PLAIN = 1.5;

export class Hauler implements Detector {
  readonly part = 'x';
  readonly #sizes: AllSizes;
  readonly #ledger = new NormLedger();
  readonly #hauls = new Hauls();
  readonly #dirty = new Set<Source>();
  #hour = 0;
  /** The visit judged last, where something was over. */
  #over: Visit | undefined;

  constructor(commons: Commons) {
    this.#sizes = new AllSizes(commons);
  }

  judge(visit: Visit, _rules: Rules, { sensitivity }: Tuning): Excess | undefined {
    this.#over = undefined;
    const { endpoint, source, log } = visit;
    const sizes = endpoint && this.#sizes.of(endpoint);
    if (!sizes || !source || !carries(log)) return undefined;
    sizes.refresh();
    if (!(log.bytesOut > sizes.large)) return undefined;
    const haul = this.#hauls.find(source, sizes.name);
    if (!haul || visit.second - sizes.everyone.since < SETTLED_SECONDS) return undefined;
    const over = this.#judge(haul, sizes, log.bytesOut, positionOf(haul, visit.second), sensitivity);
    if (!over) return undefined;
    this.#over = visit;
    return haulExcess(over, sizes, log, source);
  }

  learn(seen: Seen, _rules: Rules, charged: boolean): void {
    const { endpoint, source, log, second } = seen;
    if (!carries(log)) return;
    const sizes = this.#sizes.of(endpoint);
    sizes.refresh();
    const large = log.bytesOut > sizes.large;
    if (!charged && !large) this.#sizes.note(sizes, log.bytesOut, source.index, second);
    if (!large && !this.#hauls.has(source)) return;
    const haul = large ? this.#hauls.of(source, sizes.name, second) : this.#hauls.find(source, sizes.name);
    if (!haul) return;
    const position = positionOf(haul, second);
    this.#closeBefore(haul, source, sizes, position);
    moveTo(haul, position);
    for (const state of haul.windows) {
      state.open = true;
      if (charged && log.verdict === 'allow') state.flagged = true;
      if (log.verdict !== 'allow') state.held = true;
    }
    count(haul, log.bytesOut, large);
    if (charged && this.#over === seen) haul.charged = position;
    this.#dirty.add(source);
  }

  takeContributions(): Contribution[] {
    return this.#ledger.take();
  }

  /** Each hour the sizes of those before are told, and the blocks of who went away are closed. */
  settle(second: number): void {
    const hour = Math.floor(second / HOUR);
    if (hour === this.#hour) return;
    this.#hour = hour;
    this.#sizes.tellAll(this.#ledger, second);
    for (const [source, haul] of this.#hauls.all()) {
      if (source.past) continue;
      this.#closeBefore(haul, source, this.#sizes.named(source.service, haul.endpoint), second);
    }
  }

  /** What was said to be right or expected is no news any more; a confirmed theft is news again when it comes back. */
  heed({ kind, endpoint, verdict }: VerdictReport, source: Source | undefined): void {
    if (!source || kind !== 'exfiltration') return;
    for (const haul of this.#hauls.allOf(source)) {
      if (endpoint !== null && haul.endpoint !== endpoint) continue;
      haul.windows.forEach((state, window) => {
        const level = Math.max(state.told, state.peak, taken(haul, window, haul.last).bytes);
        state.told = verdict === 'true-positive' ? 0 : level;
      });
      if (verdict === 'expected-change') haul.charged = 0;
    }
    this.#dirty.add(source);
  }

  forget(source: Source): void {
    this.#hauls.forget(source);
    this.#dirty.delete(source);
  }

  takeChanges(put: (whose: Source | string, state: unknown) => void): void {
    for (const source of this.#dirty) put(source, this.#hauls.stored(source));
    this.#dirty.clear();
    this.#sizes.takeChanges(put);
  }

  load(source: Source, state: unknown): void {
    const hauls = readHauls(state);
    if (!hauls) throw new TypeError('hauls of another version');
    this.#hauls.load(source, hauls);
  }

  loadNamed(name: string, state: unknown): void {
    this.#sizes.load(name, state);
  }

  #judge(haul: Haul, sizes: Sizes, bytes: number, position: number, sensitivity: number): OverHaul | undefined {
    let worst: OverHaul | undefined;
    for (let window = 0; window < HAUL_WINDOWS.length; window += 1) {
      const present = taken(haul, window, position);
      const answers = present.large + 1;
      if (answers < HAUL_ANSWERS || answers < HAUL_SHARE * (answers + present.others)) continue;
      const observed = Math.round(present.bytes + bytes);
      const bound = haulLimit(haul, window, sizes, position, sensitivity);
      if (observed <= bound.limit || (worst && observed / bound.limit <= worst.observed / worst.limit)) continue;
      worst = { ...bound, window, observed, answers };
    }
    return worst;
  }

  #closeBefore(haul: Haul, source: Source, sizes: Sizes, second: number): void {
    haul.windows.forEach((state, window) => {
      if (!state.open || haulBlock(window, haul.last) === haulBlock(window, second)) return;
      const { peak, flagged, held } = state;
      Object.assign(state, { open: false, flagged: false, held: false, peak: 0 });
      this.#dirty.add(source);
      if (peak <= 0 || held) return;
      // Large answers teach what is usual once it is plain that they were no theft.
      if (window === 0 && !flagged) this.#sizes.note(sizes, sizes.large, source.index, second);
      const end = (haulBlock(window, haul.last) + 1) * (HAUL_WINDOWS[window]?.seconds ?? 1);
      const beyond = peak > haulLimit(haul, window, sizes, end - 1, PLAIN).limit;
      const size = Math.log(peak);
      const weight = 1 / (1 + state.sums[0]);
      const { service, name } = sizes;
      const measure = HAUL_WINDOWS[window]?.measure ?? '';
      if (!flagged || beyond)
        this.#ledger.add(service, name, end, measure, beyond, [weight, weight * size, weight * size * size]);
      if (flagged) state.told = Math.max(state.told, peak);
      else learnPeak(haul, window, peak, end);
    });
  }
}

/** An answer with something in it. */
function carries({ bytesOut, status }: RequestLog): boolean {
  return bytesOut > 0 && status >= 200 && status < 300;
}

/** Never before the newest answer, unless the clock was put right. */
function positionOf(haul: Haul, second: number): number {
  return second < haul.last && haul.last - second <= CLOCK_SLACK_SECONDS ? haul.last : second;
}

/**
 * The population of each endpoint, learnt by the endpoint's shard from the closed blocks of all actors (stage two) and
 * published as everybody's prior. Discounted sums with the model's memory; one record an endpoint. What most actors do is
 * the norm even where it is beyond what was assumed: a page that makes fifty calls must not accuse everybody who opens it.
 *
 * What shards tell of one minute is gathered as exact sums, and the minute is taken in as a whole, so that the order in
 * which they speak decides nothing. Published is what is known with the minutes that are still open.
 */
import { MAJORITY_BLOCKS, MAJORITY_LEAST, MEMORY_SECONDS, WINDOWS } from '../constants.js';
import type { EndpointContribution, Population } from '../contribution.js';
import { EndpointKeys } from '../entities/endpoint-keys.js';
import { type Gathered, gather, type Norms, publishedNorms, withMeasures } from '../objects/norms.js';
import { MAX_SEASONS } from './constants.js';
import { Season, type UnderWay } from './season.js';

/** Blocks end with a minute; those of who went idle are told some seconds later. */
const MINUTE = 60;
const GRACE_SECONDS = 10;
/** Open minutes of one endpoint: two, but for clocks that jump. */
const MOST_OPEN = 4;

const SECONDS: readonly number[] = WINDOWS.map(({ seconds }) => seconds);

/** What was told of one minute. */
interface Open {
  minute: number;
  /** Newest second told. */
  second: number;
  windows: (Gathered | null)[];
  measures: Record<string, Gathered>;
}

interface Learnt {
  service: string;
  endpoint: string;
  /** Second up to which the sums are discounted. */
  second: number;
  /** Blocks, sum and sum of squares of each window. */
  sums: [number, number, number][];
  /** Recent weight of ordinary and of flagged blocks, by window. */
  recent: [ordinary: number, flagged: number][];
  /** Other measures than the pace. */
  norms?: Norms;
  /** Of the season: the hours that are not over. */
  underWay?: UnderWay;
  /** In order of time. Absent in what was stored before there were any. */
  open?: Open[];
}

export class Populations {
  /** Endpoints that were not taken in, because there are too many. */
  overflowed = 0;
  readonly #keys = new EndpointKeys();
  readonly #records = new Map<string, Learnt>();
  readonly #changed = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #seasons = new Map<string, Season>();
  /** Seasons that learnt an hour. */
  readonly #turned = new Set<string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  absorb(contribution: EndpointContribution): void {
    const key = this.#keys.of(contribution.service, contribution.id);
    const record = this.#recordOf(key, contribution);
    if (!record) return;
    const open = record.open ?? [];
    record.open = open;
    note(minuteOf(open, contribution.second), contribution);
    const newest = open.at(-1)?.second ?? contribution.second;
    for (let oldest = open[0]; oldest && isOver(oldest, newest, open.length); oldest = open[0]) {
      open.shift();
      this.#close(key, record, oldest);
    }
    this.#changed.add(key);
    this.#dirty.add(key);
  }

  /** Populations that changed since the last take. */
  take(): Population[] {
    const taken = [...this.#changed].flatMap((key) => {
      const record = this.#records.get(key);
      return record ? [publication(record, this.#seasons.get(key))] : [];
    });
    this.#changed.clear();
    return taken;
  }

  takeChanges(put: (key: string, state: unknown) => void): void {
    for (const key of this.#dirty) put(key, this.#records.get(key));
    this.#dirty.clear();
  }

  /** Seasons that learnt an hour since the last take: bytes, for they are large and change once an hour. */
  takeSeasons(put: (key: string, state: Uint8Array) => void): void {
    for (const key of this.#turned) put(key, (this.#seasons.get(key) as Season).state());
    this.#turned.clear();
  }

  load(key: string, state: unknown): void {
    const record = state as Learnt;
    if (this.#records.size >= this.#capacity || !Array.isArray(record.sums)) return;
    this.#records.set(key, record);
    const season = record.underWay && this.#seasonOf(key);
    if (season && record.underWay) season.underWay = record.underWay;
  }

  /** @returns whether it could be read */
  loadSeason(key: string, state: Uint8Array): boolean {
    return this.#seasonOf(key)?.load(state) ?? true;
  }

  /** A minute is over: it is known from now on, and what it brought belongs to its hour of the week. */
  #close(key: string, record: Learnt, minute: Open): void {
    const means = record.sums.map(([blocks, sum]) => (blocks > 0 ? sum / blocks : 0));
    const { brought, ...known } = withMinute(record, minute);
    Object.assign(record, known);
    const season = this.#seasonOf(key);
    if (!season) return;
    brought.forEach(([blocks, sum], window) => {
      if (blocks > 0 && season.add(window, minute.second, blocks, sum, means)) this.#turned.add(key);
    });
    record.underWay = season.underWay;
  }

  /** Undefined where there are too many: an endpoint without one has no season. */
  #seasonOf(key: string): Season | undefined {
    const known = this.#seasons.get(key);
    if (known || this.#seasons.size >= MAX_SEASONS) return known;
    const season = new Season();
    this.#seasons.set(key, season);
    return season;
  }

  #recordOf(key: string, { service, id, second }: EndpointContribution): Learnt | undefined {
    const known = this.#records.get(key);
    if (known) return known;
    if (this.#records.size >= this.#capacity) {
      this.overflowed += 1;
      return undefined;
    }
    const record: Learnt = { service, endpoint: id, second, sums: [], recent: [] };
    this.#records.set(key, record);
    return record;
  }
}

const isOver = ({ minute }: Open, newest: number, many: number) =>
  many > MOST_OPEN || newest >= (minute + 1) * MINUTE + GRACE_SECONDS;

/** The open minute of a second; one that comes too late is opened once more, and is over at once. */
function minuteOf(open: Open[], second: number): Open {
  const minute = Math.floor(second / MINUTE);
  let at = open.length;
  while (at > 0 && (open[at - 1]?.minute ?? 0) > minute) at -= 1;
  const known = open[at - 1];
  if (known?.minute === minute) return known;
  const fresh = { minute, second, windows: [], measures: {} };
  open.splice(at, 0, fresh);
  return fresh;
}

function note(open: Open, { second, sums, measures = [] }: EndpointContribution): void {
  open.second = Math.max(open.second, second);
  for (const part of sums) {
    const window = SECONDS.indexOf(part.windowSeconds);
    if (window >= 0) open.windows[window] = gather(open.windows[window] ?? undefined, part);
  }
  for (const part of measures) open.measures[part.measure] = gather(open.measures[part.measure], part);
}

type Sums = Pick<Learnt, 'second' | 'sums' | 'recent' | 'norms'>;
type Brought = Sums & { brought: [blocks: number, sum: number][] };

/** What is known with one more minute; what was known stays as it is. Flagged blocks are taken in only while they are what most actors do. */
function withMinute(known: Sums, { second, windows, measures }: Open): Brought {
  const idle = Math.max(0, second - known.second);
  const decay = 2 ** (-idle / MEMORY_SECONDS);
  const sums: Sums['sums'] = [];
  const recents: Sums['recent'] = [];
  const brought: Brought['brought'] = [];
  WINDOWS.forEach(({ blockSeconds }, window) => {
    const told = windows[window] ?? NOTHING;
    const fading = 2 ** (-idle / (MAJORITY_BLOCKS * blockSeconds));
    const recently = known.recent[window] ?? NEVER;
    const recent: [number, number] = [recently[0] * fading + told[0], recently[1] * fading + told[3]];
    const most = recent[1] >= MAJORITY_LEAST && recent[1] > recent[0];
    const before = known.sums[window] ?? NOTHING;
    const [blocks, sum] = [told[0] + (most ? told[3] : 0), told[1] + (most ? told[4] : 0)];
    const squares = told[2] + (most ? told[5] : 0);
    recents.push(recent);
    brought.push([blocks, sum]);
    sums.push([before[0] * decay + blocks, before[1] * decay + sum, before[2] * decay + squares]);
  });
  const norms = Object.keys(measures).length > 0 ? withMeasures(known.norms, measures, second) : known.norms;
  return { second: Math.max(known.second, second), sums, recent: recents, brought, ...(norms ? { norms } : {}) };
}

const NOTHING: Readonly<Gathered> = [0, 0, 0, 0, 0, 0];
const NEVER: readonly [number, number] = [0, 0];

function publication(record: Learnt, season: Season | undefined): Population {
  const { service, endpoint } = record;
  const { sums, norms } = (record.open ?? []).reduce<Sums>(withMinute, record);
  const statistics = WINDOWS.flatMap(({ seconds }, window) => {
    const [blocks = 0, sum = 0, squares = 0] = sums[window] ?? [];
    if (blocks <= 0) return [];
    const mean = sum / blocks;
    return [{ windowSeconds: seconds, blocks, mean, variance: Math.max(0, squares / blocks - mean * mean) }];
  });
  const factors = season?.factors.some(({ length }) => length > 0) ? { season: season.factors } : {};
  return { service, endpoint, statistics, ...(norms ? publishedNorms(norms) : {}), ...factors };
}

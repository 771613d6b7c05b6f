/**
 * Throttles that add up, at the door: shares of limits for the instances that ask, and, for all others, which throttles are
 * busy. That is told with the feed's greeting and beats; where it changes, a beat comes early. What is known of a service is
 * a second old at most while somebody follows its feed; without Redis nothing is known, and instances go on by themselves.
 */
import { type Demands, FEED_BEAT_SECONDS, MAX_BUSY, type SharesFrame } from '@plimsoll/contracts';
import { type Asking, type Crowd, type FeedSigner, type SharedOut, signDetached } from '@plimsoll/storage';

/** As long as a frame of the feed would be believed without news. */
const SHARES_VALID_MS = 3 * FEED_BEAT_SECONDS * 1000;
const FRESH_MS = 1_000;
/** A thousand instances with demand send a thousand words a second; more of them speak less often. */
const LEAST_EVERY_MS = 1_000;
/** Beats of a service at least this far apart, early ones too. */
const LEAST_BEAT_MS = 100;
/** A change in the number of instances that is worth an early beat: openings are halves and quarters. */
const WORTH = 1.25;

export interface SharesEdges {
  shareOut: (asking: Asking) => Promise<SharedOut>;
  readCrowd: (service: string, most: number) => Promise<Crowd>;
  environment: (service: string) => Promise<string>;
  signer: () => FeedSigner;
  /** Milliseconds since the epoch. */
  now: () => number;
  onDrop: () => void;
}

interface Known {
  crowd: Crowd | undefined;
  readAt: number;
  reading: Promise<void> | undefined;
  told: Crowd | undefined;
  toldAt: number;
  /** It never changes. */
  environment: string | undefined;
}

export class Shares {
  /** Services are rows that people made: their number bounds this map. */
  readonly #known = new Map<string, Known>();
  /** Told of each service for which a beat is due. */
  onNews: (service: string) => void = () => undefined;

  constructor(private readonly edges: SharesEdges) {}

  /** What is known of a service's instances; undefined where nothing is. Waits only where it was never asked for before. */
  async crowd(service: string): Promise<Crowd | undefined> {
    const known = this.#of(service);
    const reading = this.edges.now() - known.readAt < FRESH_MS ? undefined : this.#read(service);
    if (known.crowd === undefined) await reading;
    known.told = known.crowd;
    known.toldAt = this.edges.now();
    return known.crowd;
  }

  /** Reads again what changes unheard: instances that come, throttles that end to be busy. */
  async recheck(services: Iterable<string>): Promise<void> {
    await Promise.all([...services].map((service) => this.#read(service)));
  }

  /** A throttle of this service began or ended to be busy. */
  changed(service: string): void {
    if (this.#known.has(service)) void this.#read(service);
  }

  /**
   * @param streams open ones of this process, which bound how often each may ask.
   * @returns the signed answer.
   */
  async answer(service: string, { instance, nonce, demands }: Demands, streams: number): Promise<Buffer> {
    const everyMs = Math.max(LEAST_EVERY_MS, streams);
    const { shares, dropped, changed } = await this.edges.shareOut({ service, instance, demands, everyMs });
    for (let count = 0; count < dropped; count += 1) this.edges.onDrop();
    if (changed) this.changed(service);
    const issuedAt = this.edges.now();
    const place = {
      service,
      environment: await this.edges.environment(service),
      issuedAt,
      expiresAt: issuedAt + SHARES_VALID_MS,
    };
    const frame: SharesFrame = { type: 'shares', ...place, instance, nonce, everyMs, shares };
    const payload = Buffer.from(JSON.stringify(frame));
    const jws = signDetached('plimsoll-shares', payload, this.edges.signer());
    return Buffer.concat([Buffer.from('data: '), payload, Buffer.from(`\ndata: ${jws}\n\n`)]);
  }

  #of(service: string): Known {
    const known = this.#known.get(service);
    if (known !== undefined) return known;
    const never = Number.NEGATIVE_INFINITY;
    const fresh: Known = {
      crowd: undefined,
      readAt: never,
      reading: undefined,
      told: undefined,
      toldAt: never,
      environment: undefined,
    };
    this.#known.set(service, fresh);
    return fresh;
  }

  #read(service: string): Promise<void> {
    const known = this.#of(service);
    known.reading ??= this.#fetch(service, known).finally(() => {
      known.reading = undefined;
    });
    return known.reading;
  }

  async #fetch(service: string, known: Known): Promise<void> {
    try {
      known.crowd = await this.edges.readCrowd(service, MAX_BUSY);
    } catch {
      known.crowd = undefined; // Without Redis there are no shares.
    }
    known.readAt = this.edges.now();
    if (sameCrowd(known.crowd, known.told) || known.readAt - known.toldAt < LEAST_BEAT_MS) return;
    this.onNews(service);
  }
}

function sameCrowd(one: Crowd | undefined, other: Crowd | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [fewer, more] = [Math.min(one.instances, other.instances), Math.max(one.instances, other.instances)];
  if (more > fewer * WORTH || one.busy.length !== other.busy.length) return false;
  const busy = new Set(other.busy);
  return one.busy.every((id) => busy.has(id));
}

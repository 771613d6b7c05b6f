/**
 * The feed as bytes: frames are written and signed once for everybody who needs the same ones, so that a decision that a
 * thousand instances wait for costs one query, one signature and a thousand writes of one buffer. What is kept is
 * bounded: deltas for a second, snapshots for twenty and to 64 MiB.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { AllowList, FeedDecision, FeedFrame } from '@plimsoll/contracts';
import { RISK_FLOOR, RISK_HALF_LIFE_MS } from '@plimsoll/detection';
import { type Crowd, type FeedChange, type FeedRing, type FeedSigner, feedKeysFrom, signDetached } from '@plimsoll/storage';
import type { RiskChange } from './risk-board.js';

/** A frame is believed for this long by the server's clock, so that little can be replayed. */
export const FRAME_VALID_MS = 60_000;
/** The last part of a snapshot may have to wait for a slow reader. */
const SNAPSHOT_VALID_MS = 300_000;
const DELTA_KEPT_MS = 1_000;
const SNAPSHOT_KEPT_MS = 20_000;
const MAX_DELTAS = 256;
const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;
/** Of decisions in one part of a snapshot: what an SDK verifies and applies at a stretch. */
const PART_BYTES = 64 * 1024;

/** Subjects in one part of a risk frame. */
const RISKS_IN_PART = 200;

export interface Frames {
  version: number;
  /** Of the version; undefined where the frames are about no version. */
  mark?: string;
  /** The key that signed them. */
  kid: string;
  bytes: readonly Buffer[];
}
export interface FeedFramesEdges {
  ring: () => FeedRing;
  environment: (service: string) => Promise<string>;
  snapshot: (
    service: string,
    take: (decisions: FeedDecision[]) => void,
  ) => Promise<{ version: number; mark: string; allow: AllowList }>;
  /** Who enforces the service's throttles; undefined where it is not known. */
  crowd?: (service: string) => Promise<Crowd | undefined>;
  now: () => number;
  onDrop?: (name: string) => void;
}
/** What a reader has. */
export interface Held {
  version: number;
  mark: string | undefined;
}
interface Kept {
  at: number;
  frames: Promise<Frames>;
  sizeBytes: number;
}

export class FeedFrames {
  readonly #deltas = new Map<string, Kept>();
  readonly #snapshots = new Map<string, Kept>();
  readonly #environments = new Map<string, string>();

  constructor(private readonly edges: FeedFramesEdges) {}

  get kid(): string {
    return this.edges.ring().signer.kid;
  }

  /** The `keys` event; undefined where the pin is of another chain. */
  keys(pin: string): Buffer | undefined {
    const keys = feedKeysFrom(this.edges.ring(), pin);
    return keys && Buffer.from(`event: keys\ndata: ${JSON.stringify(keys)}\n\n`);
  }

  async hello(
    service: string,
    version: number,
    asked: { key: string; nonce: string; receiptMs: number; risks: boolean },
  ): Promise<Buffer> {
    return this.#sign({ type: 'hello', ...(await this.#place(service, version)), ...asked, ...(await this.#crowd(service)) });
  }

  /** @param risks the risk frame that its readers have last; undefined where they read none. */
  async beat(service: string, version: number, risks: number | undefined): Promise<Frames> {
    const place = await this.#place(service, version);
    const crowd = await this.#crowd(service);
    const make = async () => [this.#sign({ type: 'beat', ...place, ...crowd, ...(risks === undefined ? {} : { risks }) })];
    return this.#shared(this.#deltas, `${service}:beat:${version}:${risks ?? ''}:${crowd.instances}:${crowd.busy}`, make, place);
  }

  async risks(service: string, version: number, { previous, seq, raised, gone }: RiskChange): Promise<Frames> {
    const place = await this.#place(service, version);
    const make = async () => {
      const parts = Math.max(1, Math.ceil(raised.length / RISKS_IN_PART));
      const always = { type: 'risk', ...place, previous, seq, parts, halfLifeMs: RISK_HALF_LIFE_MS, floor: RISK_FLOOR } as const;
      return Array.from({ length: parts }, (_, part) => {
        const some = raised.slice(part * RISKS_IN_PART, (part + 1) * RISKS_IN_PART);
        return this.#sign({ ...always, part, raised: some, gone: part === 0 ? gone : [] });
      });
    };
    return this.#shared(this.#deltas, `${service}:risk:${previous ?? ''}:${seq}`, make, place);
  }

  async delta(service: string, change: FeedChange & { type: 'delta' }): Promise<Frames> {
    const place = await this.#place(service, change.version);
    const { previous, mark, decisions, lifted, allow } = change;
    const make = async () => [this.#sign({ type: 'delta', ...place, previous, mark, decisions, lifted, allow })];
    return this.#shared(this.#deltas, `${service}:${previous}:${change.version}:${mark}`, make, { ...place, mark });
  }

  /**
   * Everything in force, at most 20 s old: deltas go on from its version, which is at most `newest`. `held` is what its reader holds and can be
   * told no change of: it takes nothing older, and not the same again, which may be of a database that was restored since.
   */
  async snapshot(service: string, newest: number, held?: Held): Promise<Frames> {
    const kept = this.#snapshots.get(service);
    if (kept !== undefined && this.edges.now() - kept.at < SNAPSHOT_KEPT_MS) {
      const frames = await kept.frames;
      if (frames.version <= newest && replaces(frames, held, newest)) return frames;
    }
    const current = this.#snapshots.get(service);
    return current === kept || current === undefined ? this.#fresh(service) : current.frames;
  }

  #fresh(service: string): Promise<Frames> {
    const making: Kept = { at: this.edges.now(), frames: this.#snapshot(service), sizeBytes: 0 };
    this.#snapshots.delete(service);
    this.#snapshots.set(service, making);
    making.frames.then(
      ({ bytes }) => {
        making.sizeBytes = bytes.reduce((sum, { length }) => sum + length, 0);
        this.#makeRoom(making);
      },
      () => this.#snapshots.get(service) === making && this.#snapshots.delete(service),
    );
    return making.frames;
  }

  /** Lets go of what has grown old. */
  sweep(): void {
    const now = this.edges.now();
    for (const [key, { at }] of this.#deltas) if (now - at >= DELTA_KEPT_MS) this.#deltas.delete(key);
    for (const [key, { at }] of this.#snapshots) if (now - at >= SNAPSHOT_KEPT_MS) this.#snapshots.delete(key);
  }

  async #snapshot(service: string): Promise<Frames> {
    const parts: Buffer[] = [];
    const { version, mark, allow } = await this.edges.snapshot(service, (decisions) => parts.push(...inParts(decisions)));
    if (parts.length === 0) parts.push(Buffer.from('[]'));
    const place = { ...(await this.#place(service, version)), expiresAt: this.edges.now() + SNAPSHOT_VALID_MS };
    const snapshot = randomUUID();
    const { signer } = this.edges.ring();
    const bytes: Buffer[] = [];
    for (const [part, decisions] of parts.entries()) {
      const listed = part === 0 ? { allow } : {};
      const head = JSON.stringify({ type: 'snapshot', ...place, snapshot, part, parts: parts.length, mark, ...listed });
      const payload = Buffer.concat([Buffer.from(`${head.slice(0, -1)},"decisions":`), decisions, Buffer.from('}')]);
      bytes.push(signed(payload, signer, part === parts.length - 1 ? version : undefined));
      if (part % 16 === 15) await turn();
    }
    return { version, mark, kid: signer.kid, bytes };
  }

  #makeRoom(newest: Kept): void {
    let total = [...this.#snapshots.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const [service, kept] of this.#snapshots) {
      if (total <= MAX_SNAPSHOT_BYTES || kept === newest) continue;
      this.#snapshots.delete(service);
      this.edges.onDrop?.('feed-snapshots');
      total -= kept.sizeBytes;
    }
  }

  #shared(
    kept: Map<string, Kept>,
    key: string,
    make: () => Promise<Buffer[]>,
    { version, mark }: { version: number; mark?: string },
  ): Promise<Frames> {
    const known = kept.get(key);
    if (known !== undefined && this.edges.now() - known.at < DELTA_KEPT_MS) return known.frames;
    const { kid } = this;
    const frames = make().then((bytes) => ({ version, ...(mark === undefined ? {} : { mark }), kid, bytes }));
    kept.delete(key);
    kept.set(key, { at: this.edges.now(), frames, sizeBytes: 0 });
    for (const oldest of kept.size > MAX_DELTAS ? [kept.keys().next().value ?? ''] : []) kept.delete(oldest);
    return frames;
  }

  async #place(service: string, version: number) {
    const environment = this.#environments.get(service) ?? (await this.edges.environment(service));
    this.#environments.set(service, environment); // Services are rows that people made: their number bounds this map.
    const issuedAt = this.edges.now();
    return { service, environment, version, issuedAt, expiresAt: issuedAt + FRAME_VALID_MS };
  }

  /** Of instances that follow the feed there is at least this one. */
  async #crowd(service: string): Promise<Partial<Crowd>> {
    const crowd = await this.edges.crowd?.(service);
    return crowd === undefined ? {} : { instances: Math.max(1, crowd.instances), busy: crowd.busy };
  }

  #sign(frame: FeedFrame): Buffer {
    const id = frame.type === 'delta' ? frame.version : undefined;
    return signed(Buffer.from(JSON.stringify(frame)), this.edges.ring().signer, id);
  }
}

/** Who holds a version that the service does not have yet takes any: its greeting has told it so. */
function replaces(frames: Frames, held: Held | undefined, newest: number): boolean {
  if (held === undefined || held.version > newest || frames.version > held.version) return true;
  return frames.version === held.version && frames.mark !== held.mark;
}

/** `id` becomes the Last-Event-ID with which a reader comes back: only where it holds all of that version. */
function signed(payload: Buffer, signer: FeedSigner, id: number | undefined): Buffer {
  const head = id === undefined ? 'data: ' : `id: ${id}\ndata: `;
  return Buffer.concat([
    Buffer.from(head),
    payload,
    Buffer.from(`\ndata: ${signDetached('plimsoll-feed', payload, signer)}\n\n`),
  ]);
}

/** JSON arrays of at most {@link PART_BYTES} or one decision. */
function inParts(decisions: readonly FeedDecision[]): Buffer[] {
  const parts: Buffer[] = [];
  let texts: string[] = [];
  let size = 0;
  const close = () => {
    if (texts.length > 0) parts.push(Buffer.from(`[${texts.join(',')}]`));
    texts = [];
    size = 0;
  };
  for (const decision of decisions) {
    const text = JSON.stringify(decision);
    if (size + text.length > PART_BYTES) close();
    texts.push(text);
    size += text.length + 1;
  }
  close();
  return parts;
}

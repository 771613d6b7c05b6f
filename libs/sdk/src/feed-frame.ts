/**
 * Reads a frame of the decision feed, after its signature was found good. Written by hand, with no library, and still
 * believing little: a frame of the wrong shape is refused whole; a single decision that makes no sense is left out and
 * counted, so that one of a newer kind cannot switch off the others. Only fields that are known are copied.
 */
import { BlockList } from 'node:net';
import type { AllowList, FeedDecision, FeedFrame, FeedRisk, RateLimit, Share, SharesFrame } from '@plimsoll/contracts';
import { plainAddress } from './address.js';
import { addRange } from './proxies.js';

/** No decision lasts longer than contracts allow (a year, and a day of slack), whatever the server says. */
const MAX_DURATION_MS = 367 * 86_400_000;
/** Shown to the host alone; all of them together must stay small. */
const MAX_REASON = 200;
/** Kinds of alerts. */
const MAX_SIGNALS = 32;
const MARK = /^[\w-]{1,32}$/;

/** Of a newer server: signed, and of no use here. It is passed over, so that what comes later need not wait for all SDKs. */
export type UnknownFrame = Place & { type: 'unknown' };
/** In one answer, and of busy throttles in one frame. */
const MAX_SHARES = 100;

/** Of each kind, on the allow-list: ten times what contracts allow. */
const MAX_LISTED = 10_000;

export interface ReadFrame {
  frame: FeedFrame | UnknownFrame;
  /** Decisions, risks and entries of the allow-list that were left out. */
  faulty: number;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

/** The frame in `text`, or undefined where it is none. */
export function readFrame(text: string): ReadFrame | undefined {
  const body = parse(text);
  if (!isFields(body)) return undefined;
  const { type, service, environment, version, issuedAt, expiresAt } = body;
  if (!isText(service, 200) || typeof environment !== 'string' || environment.length > 200) return undefined;
  if (!isVersion(version) || !isVersion(issuedAt) || !isVersion(expiresAt)) return undefined;
  const place = { service, environment, version, issuedAt, expiresAt };
  if (type === 'beat') return readBeat(body, place);
  if (type === 'hello') return readHello(body, place);
  if (type === 'snapshot') return readSnapshot(body, place);
  if (type === 'delta') return readDelta(body, place);
  if (type === 'risk') return readRisks(body, place);
  return typeof type === 'string' ? { frame: { type: 'unknown', ...place }, faulty: 0 } : undefined;
}

type Place = Pick<FeedFrame, 'service' | 'environment' | 'version' | 'issuedAt' | 'expiresAt'>;

function readBeat(body: Fields, place: Place): ReadFrame | undefined {
  const { risks } = body;
  if (risks !== undefined && !isVersion(risks)) return undefined;
  const known = risks === undefined ? {} : { risks };
  return { frame: { type: 'beat', ...place, ...readCrowd(body), ...known }, faulty: 0 };
}

/** Undefined and empty where a server says nothing of it, or nonsense. */
function readCrowd({ instances, busy }: Fields): { instances: number | undefined; busy: string[] } {
  const ids = Array.isArray(busy) ? busy.slice(0, MAX_SHARES).filter((id): id is string => isText(id, 128)) : [];
  return { instances: isVersion(instances) && instances >= 1 ? instances : undefined, busy: ids };
}

/** The answer to what an instance saw of its throttles, or undefined where the text is none. */
export function readShares(text: string): SharesFrame | undefined {
  const body = parse(text);
  if (!isFields(body) || body['type'] !== 'shares') return undefined;
  const { service, environment, issuedAt, expiresAt, instance, nonce, everyMs, shares } = body;
  if (!isText(service, 200) || typeof environment !== 'string' || !isText(instance, 64) || !isText(nonce, 64)) return undefined;
  if (!isVersion(issuedAt) || !isVersion(expiresAt) || !isVersion(everyMs) || !Array.isArray(shares)) return undefined;
  const read = shares.slice(0, MAX_SHARES).map(readShare);
  if (read.includes(undefined)) return undefined;
  const known = read.filter((share) => share !== undefined);
  return { type: 'shares', service, environment, issuedAt, expiresAt, instance, nonce, everyMs, shares: known };
}

function readShare(value: unknown): Share | undefined {
  if (!isFields(value)) return undefined;
  const { id, requests, part, busy } = value;
  if (!isText(id, 64) || !isVersion(requests) || typeof part !== 'number' || !(part >= 0 && part <= 1)) return undefined;
  return { id, requests, part, busy: busy === true };
}

function readHello(body: Fields, place: Place): ReadFrame | undefined {
  const { key, nonce, receiptMs, risks } = body;
  if (!isText(key, 64) || !isText(nonce, 64) || !isVersion(receiptMs)) return undefined;
  return { frame: { type: 'hello', ...place, key, nonce, receiptMs, risks: risks === true, ...readCrowd(body) }, faulty: 0 };
}

const markIn = ({ mark }: Fields): string | undefined => (typeof mark === 'string' && MARK.test(mark) ? mark : undefined);

function readSnapshot(body: Fields, place: Place): ReadFrame | undefined {
  const { snapshot, part, parts, decisions } = body;
  if (!isText(snapshot, 64) || !isVersion(part) || !isVersion(parts) || part >= parts || !Array.isArray(decisions))
    return undefined;
  const read = readDecisions(decisions, place.issuedAt);
  const { allow, faulty } = readAllowList(body['allow']);
  const frame = { type: 'snapshot' as const, ...place, snapshot, part, parts, mark: markIn(body), decisions: read, ...allow };
  return { frame, faulty: decisions.length - read.length + faulty };
}

function readDelta(body: Fields, place: Place): ReadFrame | undefined {
  const { previous, decisions, lifted, allow: listed } = body;
  if (!isVersion(previous) || previous > place.version || !Array.isArray(decisions) || !Array.isArray(lifted)) return undefined;
  const read = readDecisions(decisions, place.issuedAt);
  const ids = lifted.filter((id): id is string => isText(id, 128));
  const { allow, faulty } = readAllowList(listed);
  const frame = { type: 'delta' as const, ...place, previous, mark: markIn(body), decisions: read, lifted: ids, ...allow };
  return { frame, faulty: decisions.length - read.length + lifted.length - ids.length + faulty };
}

/** An entry that makes no sense is left out: it may be of a newer kind, and the others must not suffer from it. */
function readAllowList(value: unknown): { allow: { allow?: AllowList }; faulty: number } {
  if (!isFields(value)) return { allow: {}, faulty: value === undefined ? 0 : 1 };
  let faulty = 0;
  const take = (entries: unknown, isGood: (entry: unknown) => boolean): string[] => {
    const all = Array.isArray(entries) ? entries.slice(0, MAX_LISTED) : [];
    const good = all.filter((entry): entry is string => isGood(entry));
    faulty += Array.isArray(entries) ? entries.length - good.length : 1;
    return good;
  };
  const { actors, addresses, credentials } = value;
  const allow = {
    // A lone * would allow everybody, which nobody means.
    actors: take(actors, (entry) => isText(entry, 256) && entry !== '*'),
    addresses: take(addresses, isRange),
    credentials: take(credentials, (entry) => isText(entry, 128)),
  };
  return { allow: { allow }, faulty };
}

function isRange(entry: unknown): boolean {
  try {
    if (!isText(entry, 64)) return false;
    addRange(new BlockList(), entry);
    return true;
  } catch {
    return false;
  }
}

function readRisks(body: Fields, place: Place): ReadFrame | undefined {
  const { previous, seq, part, parts, halfLifeMs, floor, raised, gone } = body;
  if (!isVersion(seq) || !isVersion(part) || !isVersion(parts) || part >= parts || !Array.isArray(raised) || !Array.isArray(gone))
    return undefined;
  if (previous !== null && !(isVersion(previous) && previous <= seq)) return undefined;
  if (!isShare(floor) || typeof halfLifeMs !== 'number' || !(halfLifeMs >= 1)) return undefined;
  const risks = raised.map(readRisk).filter((one) => one !== undefined);
  const subjects = gone.map(readSubject).filter((one) => one !== undefined);
  const frame = { type: 'risk' as const, ...place, previous, seq, part, parts, halfLifeMs, floor, raised: risks, gone: subjects };
  return { frame, faulty: raised.length - risks.length + gone.length - subjects.length };
}

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;

function readRisk(value: unknown): FeedRisk | undefined {
  if (!isFields(value)) return undefined;
  const { score, quietSince, since, signals, alerts, provedAt } = value;
  const subject = readSubject(value['subject']);
  if (subject === undefined || !isShare(score) || !isVersion(quietSince) || !isVersion(since) || !isVersion(alerts))
    return undefined;
  if ((provedAt !== null && !isVersion(provedAt)) || !Array.isArray(signals) || signals.length > MAX_SIGNALS) return undefined;
  const kinds = signals.filter((kind): kind is string => isText(kind, 64));
  return { subject, score, quietSince, since, signals: kinds, alerts, provedAt };
}

const readDecisions = (decisions: readonly unknown[], serverTime: number): FeedDecision[] =>
  decisions.map((decision) => readDecision(decision, serverTime)).filter((one) => one !== undefined);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readDecision(value: unknown, serverTime: number): FeedDecision | undefined {
  if (!isFields(value)) return undefined;
  const { id, version, action, endpoint, reason, until } = value;
  if (!isText(id, 128) || !isVersion(version) || !isVersion(until)) return undefined;
  if (action !== 'block' && action !== 'challenge' && action !== 'throttle') return undefined;
  if (endpoint !== null && !isText(endpoint, 768)) return undefined;
  const subject = readSubject(value['subject']);
  const rate = action === 'throttle' ? readRate(value['rate']) : null;
  if (subject === undefined || rate === undefined) return undefined;
  // Nobody can prove that it is an address: such a challenge would never end.
  if (action === 'challenge' && subject.type !== 'actor') return undefined;
  return {
    id,
    version,
    action,
    subject,
    endpoint,
    rate,
    reason: typeof reason === 'string' ? reason.slice(0, MAX_REASON) : '',
    until: Math.min(until, serverTime + MAX_DURATION_MS),
  };
}

function readSubject(value: unknown): FeedDecision['subject'] | undefined {
  if (!isFields(value) || !isText(value['id'], 768)) return undefined;
  const { type, id } = value;
  if (type === 'address') {
    const network = id.endsWith('/64');
    const address = plainAddress(network ? id.slice(0, -3) : id);
    return address === undefined ? undefined : { type, id: network ? `${address}/64` : address };
  }
  return type === 'actor' || type === 'credential' ? { type, id } : undefined;
}

function readRate(value: unknown): RateLimit | undefined {
  if (!isFields(value)) return undefined;
  const { requests, windowSeconds } = value;
  const sane = (number: unknown): number is number => typeof number === 'number' && number >= 1e-6 && number <= 1e9;
  return sane(requests) && sane(windowSeconds) ? { requests, windowSeconds } : undefined;
}

/** Signs frames of the feed as ingestion does, for servers of tests; and makes keys that endorse each other. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { FeedFrame } from '@plimsoll/contracts';

export interface FakeKey {
  x: string;
  y: string;
  kid: string;
  privateKey: KeyObject;
}

const canonical = ({ x, y }: { x: string; y: string }) => JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });

export function fakeKey(): FakeKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  return { x, y, kid: createHash('sha256').update(canonical({ x, y })).digest('base64url'), privateKey };
}

export function jws(typ: string, payload: string, { kid, privateKey }: FakeKey): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', b64: false, crit: ['b64'], kid, typ })).toString('base64url');
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${header}..${signature.toString('base64url')}`;
}

/** The `keys` event of a chain, oldest first; each is endorsed by the one before it, or by `endorser`. */
export function keysEvent([pinned, ...others]: FakeKey[], endorser?: FakeKey): string {
  let before = pinned as FakeKey;
  const successors = others.map((key) => {
    const { x, y } = key;
    const endorsement = jws('plimsoll-feed-key', canonical(key), endorser ?? before);
    before = key;
    return { x, y, jws: endorsement };
  });
  return `event: keys\ndata: ${JSON.stringify({ pinned: { x: pinned?.x, y: pinned?.y }, successors })}\n\n`;
}

export function frameEvent(frame: FeedFrame, key: FakeKey): string {
  const payload = JSON.stringify(frame);
  return `data: ${payload}\ndata: ${jws('plimsoll-feed', payload, key)}\n\n`;
}

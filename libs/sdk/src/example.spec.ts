/** examples/refunds as it stands, beside the packed SDK: a client with its key, a thief, and an actor with a risk. */
import { cpSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, risk, until } from '../test/fake-plimsoll.js';
import { Packed, root } from '../test/packed.js';
import { athOf, Prover } from '../test/prover.js';

let packed: Packed;
let plimsoll: FakePlimsoll;
let origin = '';
beforeAll(async () => {
  packed = new Packed().beside('express');
  plimsoll = await new FakePlimsoll().start();
  cpSync(join(root, 'examples/refunds'), packed.folder, { recursive: true });
  const port = await freePort();
  const line = await packed.start(['server.mjs'], { PORT: String(port), PLIMSOLL_URL: plimsoll.url, PLIMSOLL_KEY: KEY });
  origin = line.replace('listening on ', '');
}, 60_000);
afterAll(async () => {
  await packed.stop();
  await plimsoll.stop();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

interface Reply {
  status: number;
  body: Record<string, unknown>;
}
class Client {
  readonly #prover = new Prover();
  #nonce = '';
  token = '';

  async call(method: string, path: string, body?: object): Promise<Reply> {
    for (let attempt = 0; ; attempt += 1) {
      const about = { htm: method, htu: origin + path, iat: Math.floor(Date.now() / 1000) };
      const nonce = this.#nonce === '' ? {} : { nonce: this.#nonce };
      const ath = this.token === '' ? {} : { ath: athOf(this.token) };
      const headers: Record<string, string> = { dpop: this.#prover.proof({ ...about, ...nonce, ...ath }) };
      if (this.token !== '') headers['authorization'] = `DPoP ${this.token}`;
      if (body) headers['content-type'] = 'application/json';
      const answer = await fetch(origin + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      const said = (await answer.json()) as Record<string, unknown>;
      const before = this.#nonce;
      this.#nonce = answer.headers.get('dpop-nonce') ?? before;
      if (said['error'] !== 'use_dpop_nonce' || attempt > 0) return { status: answer.status, body: said };
    }
  }
  async signIn(name: string, password: string): Promise<Reply> {
    const reply = await this.call('POST', '/sign-in', { name, password });
    this.token = String(reply.body['access_token'] ?? '');
    return reply;
  }
}
const signedIn = async (name: 'ada' | 'bob') => {
  const client = new Client();
  const { status, body } = await client.signIn(name, name === 'ada' ? 'correct horse' : 'battery staple');
  expect([status, body['token_type']]).toEqual([200, 'DPoP']);
  return { client, refreshToken: String(body['refresh_token']) };
};

describe('the example', () => {
  it('binds tokens to a key: a thief has no use for them', async () => {
    const { client } = await signedIn('ada');
    expect(await client.call('GET', '/orders')).toMatchObject({ status: 200, body: { of: 'ada' } });
    const thief = new Client();
    thief.token = client.token;
    expect((await thief.call('GET', '/orders')).status).toBe(401);
    expect((await new Client().call('GET', '/orders')).status).toBe(401);
    const failed = await new Client().signIn('ada', 'wrong');
    expect([failed.status, failed.body]).toEqual([401, { error: 'invalid_grant' }]);
    await until(() => plimsoll.logs.some(({ auth }) => auth === 'failure'), 'the failed sign-in is told');
    expect(plimsoll.logs.find(({ auth }) => auth === 'failure')).toMatchObject({ actor: 'ada', authenticated: false });
  });

  it('rotates refresh tokens, and ends the session where one comes back', async () => {
    const { client, refreshToken } = await signedIn('ada');
    const refresh = (token: unknown) => client.call('POST', '/refresh', { refresh_token: token });
    const second = await refresh(refreshToken);
    const third = await refresh(second.body['refresh_token']);
    expect([second.status, third.status]).toEqual([200, 200]);
    expect(await refresh(refreshToken)).toMatchObject({ status: 400, body: { why: 'reused' } });
    expect(await refresh(third.body['refresh_token'])).toMatchObject({ status: 400, body: { why: 'revoked' } });
  });

  it('refunds by risk: who deviates has to prove itself first, and everybody else is served', async () => {
    const [{ client: ada }, { client: bob }] = [await signedIn('ada'), await signedIn('bob')];
    const refund = async (client: Client) => (await client.call('POST', '/refunds')).status;
    expect(await refund(ada)).toBe(200);
    plimsoll.raise(risk({ subject: { type: 'actor', id: 'ada' }, score: 0.7 }));
    await expect.poll(() => refund(ada)).toBe(403);
    expect((await ada.call('GET', '/orders')).status).toBe(200);
    expect(await refund(bob)).toBe(200);
    expect((await ada.call('POST', '/step-up', { password: 'a guess' })).status).toBe(401);
    expect(await ada.call('POST', '/step-up', { password: 'correct horse' })).toMatchObject({
      status: 200,
      body: { proved: true },
    });
    expect(plimsoll.proofs.map(({ actor }) => actor)).toEqual(['ada']);
    expect(await refund(ada)).toBe(200);
  });

  it('lets a challenged user prove itself, and serves it again', async () => {
    const { client } = await signedIn('bob');
    plimsoll.publish(decision({ action: 'challenge', subject: { type: 'actor', id: 'bob' } }));
    await expect.poll(async () => (await client.call('GET', '/orders')).body['code']).toBe('challenge-required');
    expect(await client.call('POST', '/step-up', { password: 'battery staple' })).toMatchObject({ body: { passed: 'taken' } });
    expect((await client.call('GET', '/orders')).status).toBe(200);
  });
});

/**
 * A call that says it was made to another host (ASVS 4.1.3), otherwise as it must be, by whoever is let in: no link, cookie, redirect or
 * token is about that host, behind proxies or not. Sent by node:http, since `fetch` writes the Host itself.
 */
import { request } from 'node:http';
import { adminApi, STEP_UP_HEADER } from '@plimsoll/contracts';
import { createPerson, createSignInLink } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Credentials, type Visitor } from '../setup/admin-server.js';
import { asked, proofOf } from '../setup/step-up.js';

const EVIL = 'evil.example';
const FORGED = {
  host: EVIL,
  'x-forwarded-host': EVIL,
  'x-forwarded-server': EVIL,
  'x-original-host': EVIL,
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '444',
  'x-forwarded-prefix': `//${EVIL}`,
  'x-original-url': `//${EVIL}/`,
  forwarded: `host=${EVIL};proto=https`,
};

const servers: Record<string, AdminServer> = {};
let ada: Visitor;
beforeAll(async () => {
  const alone = await AdminServer.start({ env: { SECURITY_CONTACT: 'mailto:security@example.com' } });
  ada = await alone.signIn('owner', 'Ada');
  const env = { SECURITY_CONTACT: 'mailto:security@example.com', TRUSTED_PROXIES: '127.0.0.1,::1' };
  Object.assign(servers, { alone, 'behind a proxy': await AdminServer.start({ shared: alone, env }) });
});
afterAll(async () => {
  for (const server of Object.values(servers).reverse()) await server.close();
});

interface Told {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}
interface Sent {
  method?: string;
  body?: object;
  headers?: Record<string, string>;
  /** About which address its proof is. */
  provedFor?: string;
}
function ask(server: AdminServer, path: string, { method = 'GET', body, provedFor, ...sent }: Sent, by: Credentials) {
  const { origin } = server.context.env.PUBLIC_URL;
  const text = body && JSON.stringify(body);
  const { holder, session } = by;
  const url = (provedFor ?? origin) + path;
  const headers = {
    ...{ ...FORGED, origin, 'content-type': 'application/json', ...sent.headers },
    dpop: holder.proof({ method, url, body: text, accessToken: session?.accessToken }),
    ...(session && { authorization: `DPoP ${session.accessToken}` }),
  };
  return new Promise<Told>((resolve, reject) => {
    const call = request(server.origin + path, { method, headers }, (answer) => {
      let read = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        read += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: read }));
    });
    call.on('error', reject).end(text);
  });
}
const linkFor = async ({ db }: AdminServer) =>
  createSignInLink(db, (await createPerson(db, { name: 'Eve', role: 'analyst' }, Date.now())).id, Date.now());

describe.each(['alone', 'behind a proxy'])('a forged Host, %s', (which) => {
  const serverOf = () => servers[which] as AdminServer;

  it('makes no cookie, token or passkey that is of it', async () => {
    const server = serverOf();
    const { origin, hostname } = server.context.env.PUBLIC_URL;
    const { holder } = ada;
    const opened = await ask(
      server,
      adminApi.signIn.path,
      { method: 'POST', body: { token: await linkFor(server) } },
      { holder },
    );
    expect([opened.status, JSON.stringify(opened)]).toEqual([201, expect.not.stringContaining(EVIL)]);
    expect(opened.headers['set-cookie']).toEqual([expect.not.stringMatching(/domain/i)]);
    const session = JSON.parse(opened.text) as { accessToken: string };
    const claims = JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ iss: origin });
    const options = await ask(server, adminApi.passkeyOptions.path, { method: 'POST' }, { holder, session });
    expect([options.status, JSON.parse(options.text)]).toMatchObject([expect.toBeOneOf([200, 201]), { rp: { id: hostname } }]);
  });

  it('makes no link to it', async () => {
    const server = serverOf();
    const body = { name: 'Vic', role: 'viewer', validMinutes: 15 };
    const proof = proofOf(await asked(ada, 'invite', { body }), ada.authenticator);
    const { status, text } = await ask(
      server,
      adminApi.invite.path,
      { method: 'POST', body, headers: { [STEP_UP_HEADER]: proof } },
      ada,
    );
    expect([status, JSON.parse(text)]).toEqual([
      201,
      expect.objectContaining({ link: expect.stringMatching(`^${server.context.env.PUBLIC_URL.origin}/sign-in#`) }),
    ]);
    expect(text).not.toContain(EVIL);
  });

  it.each([
    '/',
    '/sign-in',
    '/none',
    '/docs',
    '/docs/',
    '/openapi.json',
    '/.well-known/security.txt',
    '/api/alerts',
    '//x/%2e%2e',
  ])('is in no answer to %s, and leads nowhere', async (path) => {
    const { status, headers, text } = await ask(serverOf(), path, {}, ada);
    expect([status < 300 || status >= 400, headers.location]).toEqual([true, undefined]);
    expect(JSON.stringify(headers) + text).not.toContain(EVIL);
  });

  it('is not whom a proof may be about', async () => {
    const body = { token: await linkFor(serverOf()) };
    const sent = { method: 'POST', body, provedFor: `http://${EVIL}` };
    const { status, text } = await ask(serverOf(), adminApi.signIn.path, sent, { holder: ada.holder });
    expect([status, text]).toEqual([400, expect.stringContaining('invalid_dpop_proof')]);
  });
});

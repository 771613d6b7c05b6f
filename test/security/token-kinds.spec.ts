/** T5 of the attack list: every kind of text that lets somebody in somewhere, at every door. Each opens its own, and no other. */
import { STEP_UP_HEADER, type StepUpChallenge } from '@plimsoll/contracts';
import { auditSigner, createKey as createApiKey, createPerson, createSignInLink, signCheckpoint } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { stepUpHeader } from '../setup/authenticator.js';
import { IngestServer, log } from '../setup/ingest-server.js';
import { KeyHolder } from '../setup/key-holder.js';
import { listen } from '../setup/listener.js';

let server: AdminServer;
let ingest: IngestServer;
let ada: Visitor;
let stepUp: StepUpChallenge;
/** Kind -> its text. */
const texts: Record<string, string> = {};
const createKey = { params: { id: 'shop' }, body: { name: 'k' } };

beforeAll(async () => {
  server = await AdminServer.start();
  const { DATABASE_URL, PLIMSOLL_FEED_KEY } = server.context.env;
  ingest = await IngestServer.start({ DATABASE_URL, PLIMSOLL_FEED_KEY: PLIMSOLL_FEED_KEY.toString('base64url') });
  ada = await server.signIn('owner', 'Ada');
  const { codes } = (await ada.call('makeRecoveryCodes')).body as { codes: string[] };
  const invited = await ada.call('invite', { body: { name: 'Eve', role: 'viewer' } });
  const { id } = await createPerson(server.db, { name: 'Bob', role: 'viewer' }, server.now());
  stepUp = (await ada.call('createKey', { ...createKey, stepUp: false })).body['stepUp'] as StepUpChallenge;
  const { accessToken, liveToken } = ada.session;
  Object.assign(texts, {
    'access token': accessToken,
    'token of the socket': liveToken,
    'refresh token': ada.cookie.split('=')[1],
    link: await createSignInLink(server.db, id, server.now()),
    invitation: String(invited.body['link']).split('#')[1],
    'recovery code': codes[0],
    'API key': ingest.key,
    'API key for reading': (await createApiKey(server.db, { service: 'shop', name: 'r', scopes: ['admin:read'] }, server.now()))
      .secret,
    'key proof': ada.holder.proof({ method: 'GET', url: `${server.origin}/api/me`, accessToken }),
    'key proof of the socket': server.liveCredentials(ada).proof,
    'nonce of key proofs': ada.holder.nonce,
    'challenge of a sign-in': (await server.call('signInOptions')).body['challenge'],
    'nonce of a step-up': stepUp.nonce,
    'checkpoint of the audit': signCheckpoint(
      { id: 1, hash: 'h' },
      server.now(),
      auditSigner(server.context.env.PLIMSOLL_MASTER_KEY),
    ).jws,
    'thumbprint of a key': ada.holder.jkt,
    'id of a person': ada.person.id,
  });
});
afterAll(async () => {
  await ingest?.stop();
  await server?.close();
});

const cookieName = () => ada.cookie.split('=')[0];
/** Door -> whether a text opens it, in the hands of who has all the rest. */
const doors: Record<string, { opens: readonly string[]; try(text: string): Promise<boolean> }> = {
  'the API': {
    opens: ['access token'],
    try: async (text) => (await server.call('me', {}, { holder: ada.holder, session: { accessToken: text } })).status === 200,
  },
  'the API, as a key proof': {
    opens: ['key proof'],
    try: async (text) => {
      const headers = { authorization: `DPoP ${ada.session.accessToken}`, dpop: text };
      return (await server.fetch('/api/me', { headers })).status === 200;
    },
  },
  'the socket': {
    opens: ['token of the socket'],
    try: async (text) => {
      const heard = await listen(server, { ...ada, session: { ...ada.session, liveToken: text } }).catch(() => undefined);
      heard?.close();
      return heard !== undefined;
    },
  },
  'the API of the door for logs': {
    opens: ['API key'],
    try: async (text) => (await ingest.send(JSON.stringify({ requests: [log()] }), {}, text)).status === 202,
  },
  'a step-up': {
    opens: ['nonce of a step-up'],
    try: async (text) => {
      const headers = { [STEP_UP_HEADER]: stepUpHeader(text, ada.authenticator.use(stepUp.options)) };
      return (await ada.call('createKey', { ...createKey, headers, stepUp: false })).status === 201;
    },
  },
  'what a link does': {
    opens: ['link', 'invitation'],
    try: async (text) => (await server.call('linkInfo', { body: { token: text } })).status === 200,
  },
  'sign-in by a link': {
    opens: ['link', 'invitation'],
    try: async (text) => (await server.call('signIn', { body: { token: text } }, { holder: new KeyHolder() })).status === 201,
  },
  refresh: {
    opens: ['refresh token'],
    try: async (text) => (await server.refresh(`${cookieName()}=${text}`, { holder: ada.holder })).status === 200,
  },
  // At last, since a recovery ends all sessions.
  'sign-in by a code': {
    opens: ['recovery code'],
    try: async (text) =>
      (await server.call('signInWithCode', { body: { code: text } }, { holder: new KeyHolder() })).status === 201,
  },
};

describe('T5: every kind at every door', () => {
  it('opens no other door than its own', async () => {
    const opened: string[] = [];
    for (const [door, { opens, try: attempt }] of Object.entries(doors)) {
      for (const [kind, text] of Object.entries(texts)) {
        expect([kind, text?.length ?? 0]).not.toEqual([kind, 0]);
        if (!opens.includes(kind) && (await attempt(text))) opened.push(`${kind} at ${door}`);
      }
    }
    expect(opened).toEqual([]);
  });

  it('opens its own, so that the refusals above are about the kind', async () => {
    const closed: string[] = [];
    for (const [door, { opens, try: attempt }] of Object.entries(doors)) {
      for (const kind of opens) if (!(await attempt(texts[kind] ?? ''))) closed.push(`${kind} at ${door}`);
    }
    expect(closed).toEqual([]);
  });

  // After all others: an access token as a bearer token ends its session.
  it('as a bearer token none but the API key for reading opens the API, and that one no change', async () => {
    const read = async (text: string) =>
      (await server.fetch('/api/alerts?service=shop', { headers: { authorization: `Bearer ${text}` } })).status;
    const opened = [];
    for (const [kind, text] of Object.entries(texts)) if ((await read(text)) === 200) opened.push(kind);
    expect(opened).toEqual(['API key for reading']);
    const headers = { authorization: `Bearer ${texts['API key for reading']}`, 'content-type': 'application/json' };
    for (const name of ['acknowledge', 'decide', 'createKey', 'invite'] as const)
      expect([401, 403]).toContain((await server.call(name, { body: {}, headers }, { holder: ada.holder })).status);
  });
});

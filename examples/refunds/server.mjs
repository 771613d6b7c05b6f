// No request is trusted for where it comes from: each proves the key that its token is bound to, and what may be done with it depends on
// what is known against its user now. Orders are for everybody signed in; refunds need a low risk, or a proof that is fresh.
import { randomBytes } from 'node:crypto';
import { plimsollExpress } from '@plimsoll/sdk/express';
import { Dpop } from '@plimsoll/sdk/tokens';
import express from 'express';
import { begin, holderOf, isPassword, refresh } from './accounts.mjs';

const { PLIMSOLL_URL: url, PLIMSOLL_KEY: key, PORT = '3000', HOST = '127.0.0.1' } = process.env;
const { ORIGIN = `http://${HOST}:${PORT}`, NONCE_SECRET = randomBytes(32).toString('hex') } = process.env;

const REFUND_BELOW = 0.5; // Nothing of high severity is open against the user.
const FRESH_MS = 10 * 60_000;

const dpop = new Dpop({ origin: ORIGIN, nonceSecret: NONCE_SECRET });
const protect = plimsollExpress({
  url,
  key, // with the scopes ingest:write, decisions:read and feedback:write
  identify: (request) => request.identity,
  proofRoutes: ['POST /step-up'],
  onVerdict: (verdict, request) => {
    request.risk = verdict.risk;
    request.context = verdict.context;
  },
});

/** Each request proves a key; one with a token, the key that the token is bound to. */
async function prove(request, response, next) {
  const { authorization } = request.headers;
  const holder = holderOf(authorization);
  const outcome = await dpop.verify({
    proof: request.headersDistinct.dpop, // all of them: two have to be refused
    method: request.method,
    path: request.originalUrl,
    authorization,
    boundTo: holder?.thumbprint,
  });
  if (outcome.type === 'refused') return response.status(outcome.status).set(outcome.headers).json({ error: outcome.error });
  response.set('dpop-nonce', outcome.nonce);
  request.thumbprint = outcome.thumbprint;
  if (holder) request.identity = { actor: holder.subject };
  next();
}

function signedIn(request, response, next) {
  if (request.identity?.actor !== undefined && request.identity.auth === undefined) next();
  else response.status(401).json({ error: 'invalid_token' });
}

const app = express();
app.use(protect); // first: sees every request, refuses by address and credential
app.use(express.json({ limit: '10kb' }));
app.use(prove);
app.use(protect); // again: refuses by actor, and tells what there is to hold against it

app.post('/sign-in', async (request, response) => {
  const { name, password } = request.body ?? {};
  const good = isPassword(name, password);
  // Said before the answer, so that the log has it; a failed sign-in only claims a name, and burdens nobody.
  request.identity = { actor: String(name), authenticated: good, auth: good ? 'success' : 'failure' };
  if (!good) return response.status(401).json({ error: 'invalid_grant' });
  response.json(await begin(name, request.thumbprint));
});

app.post('/refresh', async (request, response) => {
  const next = await refresh(String(request.body?.refresh_token ?? ''), request.thumbprint);
  if (next.type === 'refused') return response.status(400).json({ error: 'invalid_grant', why: next.why });
  response.json(next);
});

app.get('/orders', signedIn, (request, response) => response.json({ orders: 3, of: request.identity.actor }));

const provedAt = new Map(); // Yours: in the session.
app.post('/step-up', signedIn, async (request, response) => {
  const { actor } = request.identity; // of the session, never of the body
  if (!isPassword(actor, request.body?.password)) return response.status(401).json({ error: 'invalid_grant' });
  provedAt.set(actor, Date.now());
  const { type } = await protect.guard.passed(actor);
  response.json({ proved: true, passed: type });
});

/** The access rule: what is known against the user now, and how fresh its last proof is. */
function mayRefund({ identity: { actor }, risk }) {
  if ((risk?.score ?? 0) < REFUND_BELOW) return true;
  return Date.now() - (provedAt.get(actor) ?? 0) < FRESH_MS;
}
app.post('/refunds', signedIn, (request, response) => {
  if (mayRefund(request)) return response.json({ refunded: true });
  response.status(403).json({ error: 'step_up_required', detail: 'Prove that it is you (POST /step-up), then try again.' });
});

const server = app.listen(Number(PORT), HOST, () => console.log(`listening on ${ORIGIN}`));
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await protect.guard.close();
});

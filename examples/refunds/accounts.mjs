// Users and what stands for them: passwords, access tokens bound to a key, refresh tokens in families. In memory, so that the example is
// whole; yours lie in a database, and whoever changes a family locks its row (SELECT ... FOR UPDATE).
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { RefreshFamilies } from '@plimsoll/sdk/tokens';

const ACCESS_MS = 5 * 60_000;
const hashOf = (token) => createHash('sha256').update(token).digest('base64url');

function user(password) {
  const salt = randomBytes(16);
  return { salt, hash: scryptSync(password, salt, 32) };
}
const users = new Map([
  ['ada', user('correct horse')],
  ['bob', user('battery staple')],
]);
const nobody = user(randomBytes(16)); // Whether there is such a user is nobody's to measure.

export function isPassword(name, password) {
  const { salt, hash } = users.get(name) ?? nobody;
  return timingSafeEqual(hash, scryptSync(String(password ?? ''), salt, 32)) && users.has(name);
}

const rows = new Map();
const families = new RefreshFamilies({
  insert: async (family) => void rows.set(family.id, family),
  update: async (id, change) => {
    const { family, outcome } = change(rows.get(id));
    if (family) rows.set(id, family);
    return outcome;
  },
});
const accessTokens = new Map(); // hash of the token -> whose it is, and the key that it is bound to

function issue(subject, thumbprint, refresh_token) {
  for (const [hash, { endsAt }] of accessTokens) if (endsAt < Date.now()) accessTokens.delete(hash);
  const access_token = randomBytes(32).toString('base64url');
  accessTokens.set(hashOf(access_token), { subject, thumbprint, endsAt: Date.now() + ACCESS_MS });
  return { access_token, token_type: 'DPoP', expires_in: ACCESS_MS / 1000, refresh_token };
}

/** Whose token it is and the thumbprint of the key that it is bound to; undefined where it is none, or too old. */
export function holderOf(authorization) {
  const held = accessTokens.get(hashOf(authorization?.split(' ')[1] ?? ''));
  return held && held.endsAt > Date.now() ? held : undefined;
}

export async function begin(name, thumbprint) {
  const { token } = await families.begin(name, thumbprint);
  return issue(name, thumbprint, token);
}

/** The next pair of tokens, or why not: a refresh token that comes back a second time was copied, and ends the family. */
export async function refresh(token, thumbprint) {
  const refreshed = await families.refresh(token, thumbprint);
  return refreshed.type === 'refused' ? refreshed : issue(refreshed.subject, thumbprint, refreshed.token);
}

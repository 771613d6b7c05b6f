/**
 * Strangers at the door: whether the time of a refusal tells if a passkey is somebody's (T13 of the attack list), and whether guesses,
 * ten a second for five minutes, keep somebody out who has the passkey (T14), by a clock that is moved.
 */
import { generateKeyPairSync } from 'node:crypto';
import { adminApi, type CreationOptions, type OperationName, type RequestOptions } from '@plimsoll/contracts';
import { Authenticator, type Bend } from '../../test/setup/authenticator.js';
import { KeyHolder } from '../../test/setup/key-holder.js';
import { chanceOfLonger } from '../../test/setup/ranks.js';
import { type Figure, figure, spread } from '../report.js';
import { type OwnApp, openApp, type SignedIn, signIn } from './app.js';
import type { Stores } from './stores.js';

interface Stage {
  own: OwnApp;
  advance(ms: number): void;
  victim: Authenticator;
  stranger: Authenticator;
}

async function call({ url, origin }: OwnApp, name: OperationName, body?: object, by?: SignedIn): Promise<Response> {
  const { method, path } = adminApi[name];
  const headers: Record<string, string> = body === undefined ? { origin } : { origin, 'content-type': 'application/json' };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return (by?.holder ?? holder).fetch(url + path, init, { origin, accessToken: by?.session.accessToken });
}
const holder = new KeyHolder();
const ask = async (own: OwnApp) => (await (await call(own, 'signInOptions')).json()) as RequestOptions;
const present = async (own: OwnApp, by: Authenticator, options: RequestOptions, bend: Bend = {}) => {
  const answer = await call(own, 'signInWithPasskey', { assertion: by.use(options, bend) });
  await answer.arrayBuffer();
  return answer.status;
};

async function onStage<T>(stores: Stores, work: (stage: Stage) => Promise<T>): Promise<T> {
  let shiftMs = 0;
  const own = await openApp(stores, { now: () => Date.now() + shiftMs });
  try {
    const [victim, stranger] = [new Authenticator(own.origin), new Authenticator(own.origin)];
    const person = await signIn(own, { amr: 'link' });
    const options = (await (await call(own, 'passkeyOptions', undefined, person)).json()) as CreationOptions;
    stranger.make(options);
    const made = await call(own, 'addPasskey', { name: 'Key', attestation: victim.make(options) }, person);
    if (made.status !== 201) throw new Error(`passkey: ${made.status} ${await made.text()}`);
    const advance = (ms: number) => {
      shiftMs += ms;
    };
    return await work({ own, advance, victim, stranger });
  } finally {
    await own.close();
  }
}

/** @param pairs of refusals: a known credential and an unknown one, each with a signature of somebody else. */
const timing = async ({ own, advance, victim, stranger }: Stage, pairs: number): Promise<number> => {
  const { privateKey: signer } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const took: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 10 === 0) advance(61_000); // The budget of failures fills again.
    for (const who of pair % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const options = await ask(own);
      const begun = performance.now();
      await present(own, who === 'known' ? victim : stranger, options, { signer });
      took[who].push(performance.now() - begun);
    }
  }
  console.log(`refusal of a known credential, ms: ${spread(took.known)}\n  of an unknown one, ms: ${spread(took.unknown)}`);
  return chanceOfLonger(took.known, took.unknown);
};

async function guessing({ own, advance, victim, stranger }: Stage): Promise<{ looked: number; keptOut: number }> {
  let [looked, keptOut] = [0, 0];
  for (let minute = 0; minute < 5; minute += 1) {
    const options = await ask(own);
    for (let guess = 0; guess < 600; guess += 1) {
      advance(100);
      if ((await present(own, stranger, options, { id: victim.passkeys[0]?.id ?? '' })) === 401) looked += 1;
    }
    if ((await present(own, victim, await ask(own))) !== 201) keptOut += 1;
  }
  return { looked, keptOut };
}

export async function strangers(stores: Stores, pairs: number): Promise<Figure[]> {
  return onStage(stores, async (stage) => {
    const chance = await timing(stage, pairs);
    const { looked, keptOut } = await guessing(stage);
    console.log(`of 3,000 guesses ${looked} were looked at`);
    return [
      figure(
        `how far a refusal's time tells a known passkey, ${pairs} pairs (0.5: always)`,
        Math.abs(chance - 0.5),
        'of 0.5',
        0.1,
      ),
      figure('sign-ins by passkey kept out by 10 guesses a second for 5 minutes', keptOut, 'sign-ins', 0),
    ];
  });
}

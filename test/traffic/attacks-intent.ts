/** Attacks by what is done rather than how often: guessing, looking for holes, stolen tokens and accounts, skipped steps. */
import { unknownPath } from './catalogue.js';
import { ATTACKS, MINUTE, SECOND } from './parameters.js';
import type { Play, Scene } from './scene.js';
import { sit } from './sittings.js';
import { userAgentOf } from './wire.js';

/** The account whose password is guessed: an alert on it is right, though only claimed. */
function victim(scene: Scene): string {
  const account = `user-${scene.past.untouched(scene.random)}`;
  scene.blame('actor', account);
  return account;
}

const guess =
  ({ tries, seconds }: { tries: number; seconds: number }): Play =>
  (scene) => {
    const client = scene.stranger();
    const account = victim(scene);
    scene.over(scene.share(tries), seconds, (ts) => scene.guess(ts, client, account));
  };
export const guessing = guess(ATTACKS.guessing);
export const slowGuessing = guess(ATTACKS.slowGuessing);

export const distributedGuessing: Play = (scene) => {
  const { tries, addresses, seconds } = ATTACKS.distributedGuessing;
  const clients = Array.from({ length: Math.max(3, scene.share(addresses)) }, (_, index) => scene.stranger(index));
  const account = victim(scene);
  scene.over(scene.share(tries), seconds, (ts) => scene.guess(ts, scene.random.pick(clients), account));
};

/** The password is known; the one-time code is guessed, within one session. */
export const codes: Play = (scene) => {
  const { tries, seconds } = ATTACKS.codes;
  const client = scene.stranger();
  const account = victim(scene);
  scene.enter(scene.start, client, account);
  scene.over(scene.share(tries), seconds, (ts) =>
    scene.send(ts + SECOND, { ...client, actor: account }, scene.at.code, { status: 422, auth: 'failure' }),
  );
};

/** A list of stolen passwords, most of accounts that this service never had. */
function accountOf(scene: Scene, index: number): string {
  const account =
    index % 3 === 0 ? `user-${scene.random.whole(0, scene.world.parameters.users - 1)}` : `leaked-${scene.label.index}-${index}`;
  scene.blame('actor', account);
  return account;
}

export const stuffing: Play = (scene) => {
  const { accounts, seconds, success } = ATTACKS.stuffing;
  const client = scene.stranger();
  scene.on(scene.at.login);
  scene.over(scene.share(accounts), seconds, (ts, index) => {
    const account = accountOf(scene, index);
    if (scene.random.chance(success)) scene.enter(ts, client, account);
    else scene.guess(ts, client, account);
  });
};

/** Many addresses, a few tries each. */
export const campaign: Play = (scene) => {
  const { tries, triesPerAddress, seconds, success } = ATTACKS.campaign;
  const count = scene.share(tries);
  const clients = Array.from({ length: Math.ceil(count / triesPerAddress) }, (_, index) => scene.stranger(index));
  scene.on(scene.at.login);
  scene.over(count, seconds, (ts, index) => {
    const client = clients[index % clients.length] ?? scene.stranger();
    if (scene.random.chance(success)) scene.enter(ts, client, accountOf(scene, index));
    else scene.guess(ts, client, accountOf(scene, index));
  });
};

const probe =
  ({ paths, seconds }: { paths: number; seconds: number }): Play =>
  (scene) => {
    const client = scene.stranger();
    const from = scene.random.whole(0, 1000);
    scene.over(scene.share(paths), seconds, (ts, index) =>
      scene.send(ts, client, undefined, { path: unknownPath(from + index), status: scene.random.pick([404, 404, 404, 403]) }),
    );
  };
export const probing = probe(ATTACKS.probing);
export const slowProbing = probe(ATTACKS.slowProbing);

/** The owner goes on working while somebody else uses the same token from another address and device. */
export const theft: Play = (scene) => {
  const { requests, seconds } = ATTACKS.theft;
  const owner = scene.insider();
  const { ip, userAgent } = scene.stranger();
  const thief = { ...owner, ip, userAgent };
  for (let from = scene.start; from < scene.start + seconds * SECOND; from += 4 * MINUTE)
    sit(scene.world, { ...scene.person(owner.number), syncing: false }, owner, from, scene.random);
  const endpoints = [scene.at.orders, scene.at.order, scene.at.invoices, scene.at.invoice, scene.at.messages, scene.at.settings];
  scene.over(scene.share(requests), seconds, (ts) => scene.send(ts, thief, scene.random.pick(endpoints)));
};

/** Somebody who has the password signs in from elsewhere, and goes for what can be kept or sold. */
export const takeover: Play = (scene) => {
  const { requests, seconds } = ATTACKS.takeover;
  const { actor, number } = scene.insider();
  const { ip } = scene.stranger();
  const thief = { ip, userAgent: userAgentOf(scene.random), actor, number, credential: `stolen-${scene.label.index}` };
  scene.blame('credential', thief.credential);
  scene.enter(scene.start, thief, actor);
  const aims = [
    scene.at.email,
    scene.at.password,
    scene.at.keys,
    scene.at.newKey,
    scene.at.exported,
    scene.at.invoices,
    scene.at.pdf,
  ];
  scene.over(scene.share(requests), seconds, (ts, index) =>
    scene.send(ts + 2 * SECOND, thief, index < aims.length ? aims[index] : scene.random.pick(aims)),
  );
};

/** Orders are confirmed that nobody paid for. */
export const skipped: Play = (scene) => {
  const { orders, seconds } = ATTACKS.skipped;
  const client = scene.insider();
  scene.over(scene.share(orders), seconds, (ts) => {
    scene.send(ts, client, scene.at.checkout);
    scene.send(ts + 4 * SECOND, client, scene.at.confirm);
  });
};

/** One step again and again within one purchase: a coupon that should count once. */
export const repeated: Play = (scene) => {
  const { steps, seconds } = ATTACKS.repeated;
  const client = scene.insider();
  scene.over(scene.share(steps), seconds, (ts) => scene.send(ts, client, scene.at.coupon));
};

/** Attacks on the made service: each is a list of logs that begins at `from`. */
import type { RequestLog } from '@plimsoll/contracts';
import { exponential, failure, inOrder, MINUTE, type Person, people, randomFrom, request, SECOND } from './traffic.js';

export const ATTACKER = '45.77.1.1';

/** An actor takes to one endpoint, `perSecond` for `seconds`: to one object of it, since a walk over many is another attack. */
export function flood(from: number, { actor, ip }: Person, perSecond = 30, seconds = 60): RequestLog[] {
  return Array.from({ length: perSecond * seconds }, (_, index) =>
    request(from + (index * SECOND) / perSecond, { route: '/invoices/:id', path: '/invoices/17', actor, ip }),
  );
}

/** One address guesses at one account. */
export const bruteForce = (from: number, tries: number, everyMs: number, account = 'person-4'): RequestLog[] =>
  Array.from({ length: tries }, (_, index) => failure(from + index * everyMs, ATTACKER, account));

/** Many addresses guess at one account. */
export const distributedGuessing = (from: number, tries: number, everyMs: number): RequestLog[] =>
  Array.from({ length: tries }, (_, index) => failure(from + index * everyMs, `45.77.2.${index % 20}`, 'person-4'));

/** One address, one try for each of many accounts. */
export const stuffing = (from: number, accounts: number, everyMs: number): RequestLog[] =>
  Array.from({ length: accounts }, (_, index) => failure(from + index * everyMs, ATTACKER, `victim-${index}`));

const WORDS = ['admin', 'backup', 'config', 'db', 'env', 'git', 'old', 'private', 'shell', 'test', 'tmp', 'upload', 'wp'];

/** One address looks for what might be there. */
export const probing = (from: number, paths: number, everyMs: number): RequestLog[] =>
  Array.from({ length: paths }, (_, index) => {
    const path = `/${WORDS[index % WORDS.length]}/${WORDS[Math.floor(index / WORDS.length) % WORDS.length]}.php`;
    return request(from + index * everyMs, { path, status: 404, ip: ATTACKER });
  });

/** No attack: an outage, and everybody's client tries again and again. */
export function surge(from: number, many = 80, minutes = 2): RequestLog[] {
  const random = randomFrom(99);
  return inOrder(
    people(many).flatMap(({ actor, ip }) => {
      const logs: RequestLog[] = [];
      for (let ts = from + random() * 15 * SECOND; ts < from + minutes * MINUTE; ts += exponential(random, 180)) {
        logs.push(request(ts, { route: '/products/:id', path: '/products/5', status: 503, actor, ip }));
      }
      return logs;
    }),
  );
}

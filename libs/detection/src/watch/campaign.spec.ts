/** A sign-in endpoint as a whole: a campaign against everybody's bad day. */
import { describe, expect, it } from 'vitest';
import { failure, HOUR, MINUTE, NOON, played, SECOND, success, times } from '../../../../test/setup/played.js';
import { Model } from '../index.js';

const PEOPLE = 300;
const home = (person: number) => `198.51.${person >> 8}.${person & 255}`;
/** Everybody signs in once in ten hours, one in ten after a mistype. */
const morning = times(PEOPLE, (person) => {
  const ts = NOON - 10 * HOUR + person * 2 * MINUTE;
  const right = success(ts + 20 * SECOND, home(person), `person-${person}`);
  return person % 10 === 0 ? [failure(ts, home(person), `person-${person}`), right] : [right];
}).flat();
const campaign = (tries: number, addresses: number) =>
  times(tries, (index) => failure(NOON + (index * 30 * MINUTE) / tries, `45.0.0.${index % addresses}`, `leaked-${index}`));

describe('a campaign', () => {
  it.each([
    ['600 tries', 600, 120, 2],
    ['180 tries', 180, 36, 6],
    ['60 tries', 60, 12, 15],
  ])('%s in half an hour, five an address, is one alert about the endpoint', (_, tries, addresses, minutes) => {
    const { opened, findings } = played([...morning, ...campaign(tries, addresses)]);
    expect(opened).toEqual(['credential-stuffing POST /login']);
    const [first] = findings;
    expect((first?.ts ?? 0) - NOON).toBeLessThan(minutes * MINUTE);
    expect(first).toMatchObject({
      rate: null,
      verified: false,
      subject: { type: 'endpoint' },
      unit: 'accounts',
      windowSeconds: 1800,
    });
    expect(first?.actors?.length).toBe(first?.observed);
    const last = findings.filter(({ phase }) => phase === 'updated').at(-1);
    expect(last?.addresses?.length).toBe(addresses);
    expect(last?.explanation).toMatch(/accounts failed to sign in within half an hour on POST \/login, from \d+ addresses/);
  });
  it('restarts in the middle change nothing', () => {
    const logs = [...morning.slice(-20), ...campaign(60, 12)];
    const stored = new Map<string, Uint8Array>();
    let seconds = 0;
    const restarted = (model: Model) => {
      seconds += 1;
      if (seconds % 5 !== 0) return model;
      const { puts, deletes } = model.takeChanges();
      for (const key of deletes) stored.delete(key);
      for (const [key, state] of puts) stored.set(key, state);
      const next = new Model();
      next.restore(stored);
      expect(next.unreadable).toBe(0);
      return next;
    };
    const plain = played(logs).findings.map(({ ts, observed, limit }) => [ts, observed, limit]);
    expect(played(logs, restarted).findings.map(({ ts, observed, limit }) => [ts, observed, limit])).toEqual(plain);
    expect(plain.length).toBeGreaterThan(0);
  });
});

describe('everybody has a bad day', () => {
  const people = times(200, (person) => person);
  it('sign-in is out of order for ten minutes: all who are at home fail twice', () => {
    const outage = people.flatMap((person) =>
      times(2, (index) => failure(NOON + person * 3 * SECOND + index * MINUTE, home(person), `person-${person}`)),
    );
    expect(played([...morning, ...outage]).opened).toEqual([]);
  });
  it('passwords expire: all fail, and sign in a few minutes later', () => {
    const wave = people.flatMap((person) => [
      failure(NOON + person * 5 * SECOND, home(person), `person-${person}`),
      success(NOON + person * 5 * SECOND + 3 * MINUTE, home(person), `person-${person}`),
    ]);
    expect(played([...morning, ...wave]).opened).toEqual([]);
  });
  it('on Monday morning ten times as many sign in, from anywhere, and mistype as ever', () => {
    const monday = times(300, (index) => {
      const ts = NOON + index * 4 * SECOND;
      const place = `203.0.${index >> 8}.${index & 255}`;
      const person = `person-${index}`;
      return index % 12 === 0 ? [failure(ts, place, person)] : [success(ts, place, person)];
    }).flat();
    expect(played([...morning, ...monday]).opened).toEqual([]);
  });
});

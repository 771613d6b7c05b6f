/** The simulator can be trusted: the same seed gives the same day, and each label says what really happened. */
import { describe, expect, it, vi } from 'vitest';
import { ALL } from './attacks.js';
import { pathTo } from './catalogue.js';
import { DAY, FORMS, HOUR, MINUTE, type TrafficParameters } from './parameters.js';
import { Random } from './random.js';
import { SERVICES } from './services.js';
import { type Sample, Simulation } from './simulation.js';

// A second or two alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const small = { users: 30, days: 2, calmDays: 1, rhythm: 'global' } as const;

function play(parameters: Partial<TrafficParameters> & { seed: number }) {
  const simulation = new Simulation({ ...small, ...parameters });
  const samples = [...simulation.chunks()].flat();
  return { simulation, samples, labels: simulation.labels };
}

const { simulation, samples, labels } = play({ seed: 1 });
const attacks = labels.map((): Sample['log'][] => []);
for (const { log, attack } of samples) attacks[attack]?.push(log);
const of = (index: number) => attacks[index] ?? [];

describe('the simulated service', () => {
  it('is the same for the same seed, and another for another', () => {
    const again = play({ seed: 1 });
    expect(again.labels).toEqual(labels);
    expect(again.samples.length).toBe(samples.length);
    const differs = again.samples.findIndex((sample, index) => JSON.stringify(sample) !== JSON.stringify(samples[index]));
    expect(differs).toBe(-1);
    expect(play({ seed: 2, days: 0.1, calmDays: 0.1 }).samples[100]?.log).not.toEqual(samples[100]?.log);
  });
  it('gives logs in order of time, each with an id of its own', () => {
    expect(samples.length).toBeGreaterThan(20_000);
    expect(samples.every(({ log }, index) => index === 0 || log.ts >= (samples[index - 1]?.log.ts ?? 0))).toBe(true);
    expect(new Set(samples.map(({ log }) => log.id)).size).toBe(samples.length);
  });
  it('lives its ordinary life whether attacks come or not', () => {
    const life = (some: readonly Sample[]) =>
      some
        .filter(({ log }) => log.ts < simulation.start + DAY)
        .map(({ log }) => `${log.ts} ${log.ip} ${log.path} ${log.status}`)
        .join('\n');
    const peace = play({ seed: 1, attacks: false });
    expect(life(samples) === life(peace.samples)).toBe(true);
    expect(peace.labels).toEqual([]);
  });
  it.each([10, 200])('has its rhythm and its errors with %i people', (users) => {
    const { samples: day } = play({ seed: 5, users, days: 1, calmDays: 1, rhythm: 'consumer' });
    const people = day.filter(({ number }) => number >= 0 && number < users);
    const between = (from: number, until: number) =>
      people.filter(({ log }) => log.ts % DAY >= from * HOUR && log.ts % DAY < until * HOUR).length;
    expect(people.length).toBeGreaterThan(20 * users);
    expect(between(17, 23)).toBeGreaterThan(between(0, 6));
    const errors = day.filter(({ log }) => log.status >= 400).length / day.length;
    expect(errors).toBeGreaterThan(0.002);
    expect(errors).toBeLessThan(0.1);
  });
  it('tells an outage: errors for everybody, on its endpoints alone', () => {
    const outage = simulation.disturbances.find(({ name }) => name === 'outage');
    const failed = samples.filter(({ log, attack }) => log.status === 503 && attack < 0);
    const during = failed.filter(({ log }) => log.ts >= (outage?.from ?? 0) && log.ts < (outage?.until ?? 0));
    expect(during.every(({ log }) => outage?.endpoints.includes(`${log.method} ${log.route}`))).toBe(true);
    const health = labels.filter(({ kind }) => kind === 'endpoint-health');
    for (const { log } of failed) {
      const told = [...health, { start: outage?.from ?? 0, end: outage?.until ?? 0 }];
      expect(told.some(({ start, end }) => log.ts >= start - 1 && log.ts <= end)).toBe(true);
    }
  });
});

describe('other ways of it', () => {
  it.each([
    ['shop', 'bare'],
    ['suite', 'full'],
    ['suite', 'bare'],
  ] as const)('plays the %s, %s', (service, wire) => {
    const run = play({ seed: 3, days: 1.2, calmDays: 0.4, service, wire });
    const played = new Set(run.labels.map(({ kind }) => kind));
    expect(played.has('token-theft')).toBe(wire === 'full');
    expect(played.has('exfiltration')).toBe(wire === 'full');
    expect(run.samples.length).toBeGreaterThan(10_000);
    const templates = new Set(run.samples.flatMap(({ log: { route } }) => route ?? []));
    const told = new Set(
      run.samples.flatMap(({ log }) => [
        ...(log.path.includes(':id') ? ['template'] : []),
        ...Object.entries(log).flatMap(([name, value]) => (value === '' || value === 0 || value === undefined ? [] : [name])),
      ]),
    );
    expect(told.has('template')).toBe(false);
    for (const name of ['route', 'credential', 'auth', 'userAgent', 'bytesOut', 'durationMs'])
      expect(told.has(name)).toBe(wire === 'full');
    expect(templates.has('/api/v2/workspaces/:id/documents/:id')).toBe(service === 'suite' && wire === 'full');
  });
  it('names an object alike each time, and no two alike', () => {
    for (const service of Object.values(SERVICES)) {
      const paths = Array.from({ length: 20_000 }, (_, object) => pathTo(service, service.at.invoice, object, 7));
      expect(new Set(paths).size).toBe(paths.length);
      expect(pathTo(service, service.at.invoice, 5, 7)).toBe(paths[5]);
    }
  });
});

describe('disturbances', () => {
  const later = play({ seed: 1, users: 120, days: 2.2, attacks: false });
  const during = (name: string) => {
    const { from, until } = later.simulation.disturbances.find((one) => one.name === name) ?? { from: 0, until: 0 };
    return later.samples.filter(({ log }) => log.ts >= from && log.ts < until);
  };
  it('make phones ask again and again for what is refused, while the release lasts', () => {
    const refused = during('release').filter(({ log }) => log.route === '/feed' && log.status === 400);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused.every(({ log }) => log.userAgent.includes('App/'))).toBe(true);
    const all = later.samples.filter(({ log }) => log.route === '/feed' && log.status === 400);
    expect(all.length - refused.length).toBeLessThan(20); // Tries that were under way.
  });
  it('bring a partner with a million rows', () => {
    const imported = during('import').filter(({ log }) => log.actor === 'partner-import');
    const all = later.samples.filter(({ log }) => log.actor === 'partner-import');
    expect(all.length).toBeLessThan(imported.length + 10);
    expect(imported.length).toBeGreaterThan(2_000);
    expect(imported.length).toBeLessThan(60_000);
  });
  it('make many choose a new password, each once', () => {
    const renewed = during('expiry').filter(({ log }) => log.route === '/settings/password' && !log.authenticated);
    expect(renewed.length).toBeGreaterThan(5);
    expect(new Set(renewed.map(({ log }) => log.actor)).size).toBe(renewed.length);
  });
});

describe('labels', () => {
  it('are there for every kind in every form', () => {
    expect(labels).toHaveLength(ALL.length * FORMS.length);
    const cells = new Set(labels.map(({ kind, variant, form }) => `${kind} ${variant} ${form}`));
    expect(cells.size).toBe(labels.length);
    expect(new Set(labels.map(({ kind }) => kind)).size).toBe(13);
  });
  it('cover the requests of their attack, from the first to the last', () => {
    for (const { index, kind, start, end, subjects, endpoints } of labels) {
      const logs = of(index);
      if (kind === 'endpoint-health') {
        expect(logs).toEqual([]);
        expect(end - start).toBeGreaterThan(10 * MINUTE);
        expect(endpoints).toHaveLength(1);
        continue;
      }
      expect(logs[0]?.ts).toBe(start);
      expect(Math.abs((logs.at(-1)?.ts ?? 0) - end)).toBeLessThanOrEqual(1);
      const blamed = new Set(subjects.map(({ type, id }) => `${type} ${id}`));
      for (const { actor, ip } of logs) expect(blamed.has(`actor ${actor}`) || blamed.has(`address ${ip}`)).toBe(true);
    }
  });
  it('name somebody who was never seen where they are cold, and somebody known where not', () => {
    const firstSeen = new Map<string, number>();
    for (const { log, attack } of samples) {
      if (attack >= 0) continue;
      for (const name of [log.actor, log.ip]) if (name !== undefined && !firstSeen.has(name)) firstSeen.set(name, log.ts);
    }
    for (const { index, cold, start, variant } of labels) {
      const [first] = of(index);
      if (!first) continue;
      const name = first.authenticated && variant !== 'code' ? (first.actor ?? '') : first.ip;
      expect((firstSeen.get(name) ?? Number.POSITIVE_INFINITY) < start).toBe(!cold);
    }
  });
  it('are a third and a tenth of the volume in the harder forms', () => {
    const volume = (variant: string, form: string) =>
      of(labels.find((label) => label.variant === variant && label.form === form)?.index ?? -1).length;
    for (const { variant } of ALL.filter(({ kind }) => ['rate', 'probing', 'scraping', 'auth-failures'].includes(kind))) {
      if (variant === 'thirtyfold') continue; // Relative to its actor.
      expect(volume(variant, 'medium') / volume(variant, 'easy')).toBeCloseTo(0.3, 1);
      expect(volume(variant, 'stealthy') / volume(variant, 'easy')).toBeCloseTo(0.1, 1);
    }
  });
});

describe('chance', () => {
  it('is uniform enough, and streams with other names are others', () => {
    const random = new Random(1, 2);
    const counts = new Array(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) counts[Math.floor(random.next() * 10)] += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(new Random(1, 2).next()).toBe(new Random(1, 2).next());
    expect(new Random(1, 2).next()).not.toBe(new Random(2, 1).next());
  });
});

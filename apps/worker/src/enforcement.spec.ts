/** From logs to decisions on real stores: the ladder, the dry run, who may be held by name, and how many at once. */
import 'reflect-metadata';
import type { PolicyMode, RequestLog } from '@plimsoll/contracts';
import { createService, feedSince, readPresent, schema, updateService } from '@plimsoll/storage';
import { asc } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

let stage: Stage;
let worker: Worker;
const start = async (options: { policy?: PolicyMode; dryRun?: boolean; settings?: object } = {}) => {
  stage = await openStage({ policy: 'block', ...options });
  if (options.settings) await updateService(stage.db, 'shop', { settings: options.settings });
  worker = await openWorker(stage.context());
};
afterEach(async () => {
  await worker.close();
  await stage.close();
});

const idle = () => stage.idle();
const alerts = () => stage.db.select().from(schema.alert);
const decisions = () => stage.db.select().from(schema.decision).orderBy(asc(schema.decision.createdAt));
let logs = 0;
const requests = (count: number, fields: Partial<RequestLog> = {}): RequestLog[] =>
  Array.from({ length: count }, () => {
    logs += 1;
    return makeLog({ id: `log-${logs}`, ts: Date.now(), route: '/items', actor: 'ada', authenticated: true, ...fields });
  });
const send = async (sent: RequestLog[]) => {
  await stage.send(sent);
  await idle();
};

describe('the ladder', () => {
  it('goes on to the next step when the behaviour comes back, and not after it was undone', async () => {
    const steps = [
      { action: 'throttle', seconds: 60 },
      { action: 'block', seconds: 600 },
    ];
    await start({ settings: { ladder: [{ steps }] } });
    await send(requests(90));
    expect(await decisions()).toMatchObject([{ action: 'throttle', seconds: 60, mode: 'enforced' }]);
    // As if it had ended a while ago, and been undone: what comes then is a first offence.
    const past = Date.now() - 60_000;
    const ended = { until: past, liftedAt: past - 20 * 60_000, liftedBy: 'Kim' };
    await stage.db.update(schema.decision).set(ended);
    await send(requests(90, { actor: 'ada', route: '/other' }));
    expect((await decisions()).at(-1)).toMatchObject({ action: 'throttle', endpoint: 'GET /other' });
    await stage.db.update(schema.decision).set({ until: past, liftedAt: null, liftedBy: null });
    await send(requests(90, { actor: 'ada', route: '/third' }));
    expect((await decisions()).at(-1)).toMatchObject({ action: 'block', seconds: 600, endpoint: 'GET /third' });
  });

  it('goes on to the next step against who defies a throttle, and not against who keeps to it', async () => {
    const steps = [
      { action: 'throttle', seconds: 60 },
      { action: 'block', seconds: 600 },
    ];
    await start({ settings: { ladder: [{ steps }] } });
    await send([...requests(90), ...requests(90, { actor: 'bob' })]);
    // As if both had been held for longer than the step lasts; what follows is seen since.
    const earlier = Date.now() - 70_000;
    await stage.db.update(schema.decision).set({ createdAt: earlier, changedAt: earlier });
    await new Promise((resolve) => setTimeout(resolve, 5_500)); // A finding is told again after five seconds.
    await send([...requests(20), ...requests(20, { verdict: 'throttle' }), ...requests(40, { actor: 'bob' })]);
    const standing = (await decisions()).filter(({ liftedAt }) => liftedAt === null);
    expect(new Map(standing.map(({ subjectId, action }) => [subjectId, action]))).toEqual(
      new Map([
        ['ada', 'block'],
        ['bob', 'throttle'],
      ]),
    );
  });

  it('of a dry run records what it would have done, and tells no bouncer', async () => {
    await start({ dryRun: true });
    await send(requests(400));
    const made = await decisions();
    const stands = made.filter(({ liftedAt }) => liftedAt === null);
    expect(new Set(made.map(({ mode }) => mode))).toEqual(new Set(['dry-run']));
    expect(stands).toMatchObject([{ subjectId: 'ada', action: 'block', seconds: 600 }]);
    await send(requests(50));
    expect((await decisions()).map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    const change = await feedSince(stage.db, 'shop', 0, Date.now());
    expect(change).toMatchObject({ type: 'delta', decisions: [], lifted: [] });
  });

  it('is that of a service which was made a moment before its first requests', async () => {
    await start();
    // Policies are looked up now, and stand for two seconds.
    await send(requests(1));
    await createService(stage.db, { id: 'new', policy: 'block', dryRun: true }, Date.now());
    await stage.send(requests(400), 'first', 'new');
    await idle();
    expect((await decisions()).filter(({ liftedAt }) => liftedAt === null)).toMatchObject([{ service: 'new', mode: 'dry-run' }]);
  });

  it('leaves who is on the allow-list alone', async () => {
    await start({ settings: { allow: { actors: ['ada'], addresses: [], credentials: [] } } });
    await send(requests(400));
    expect([await alerts(), await decisions()]).toEqual([[], []]);
  });
});

describe('a victim whose name others claim', () => {
  /** Failed sign-ins in the victim's name, beside its own work. */
  const attack = async (from: (index: number) => Partial<RequestLog>) => {
    await start();
    const own = { actor: 'victim', ip: '192.0.2.1', credential: 'own' };
    for (let wave = 0; wave < 3; wave += 1) {
      const failed = { method: 'POST', route: '/login', status: 401, auth: 'failure', authenticated: false } as const;
      const claims = Array.from({ length: 60 }, (_, index) => requests(1, { ...failed, actor: 'victim', ...from(index) })[0]!);
      await send([...requests(5, own), ...claims]);
    }
    const subjects = (rows: { subjectType: string; subjectId: string }[]) =>
      new Set(rows.map(({ subjectType, subjectId }) => `${subjectType} ${subjectId}`));
    return { accused: subjects(await alerts()), held: subjects(await decisions()) };
  };

  it.each([
    ['the address', { ip: '198.51.100.7' }, 'address 198.51.100.7'],
    ['the IPv6 network', { ip: '2001:db8:66:1::5' }, 'address 2001:db8:66:1::/64'],
  ])('is not held: %s is, from which it was claimed', async (_, from, held) => {
    expect((await attack(() => from)).held).toEqual(new Set([held]));
  });

  it('is not held where it is claimed from many places: the one credential is, with which it was', async () => {
    const { accused, held } = await attack((index) => ({ ip: `198.51.100.${index}`, credential: 'forged' }));
    expect(accused).toEqual(new Set(['actor victim']));
    expect(held).toEqual(new Set(['credential forged']));
  });

  it('is not held, nor is anybody else, where it is claimed from many places with nothing in common', async () => {
    const { accused, held } = await attack((index) => ({ ip: `198.51.100.${index}` }));
    expect(accused).toEqual(new Set(['actor victim']));
    expect(held).toEqual(new Set());
  });
});

describe('more blocks than policies may make by themselves', () => {
  const everybody = (route: string) =>
    Array.from({ length: 12 }, (_, index) => requests(400, { actor: `user-${index}`, ip: `192.0.2.${index}`, route })).flat();

  it('wait for a person; all others are held to their limits meanwhile', async () => {
    await start({ settings: { ladder: [{ steps: [{ action: 'block', seconds: 600 }] }] } });
    await send(everybody('/items'));
    const of = async (mode: string, action: string) =>
      new Set(
        (await decisions())
          .filter((one) => one.mode === mode && one.action === action && one.liftedAt === null)
          .map((one) => one.subjectId),
      );
    const blocked = await of('enforced', 'block');
    const pending = await of('pending', 'block');
    expect([blocked.size, pending.size]).toEqual([5, 7]);
    expect(await of('enforced', 'throttle')).toEqual(pending);
  });

  it('counts an office by the accounts that were seen behind its address', async () => {
    await start();
    const office = Array.from({ length: 30 }, (_, index) => requests(2, { actor: `clerk-${index}`, ip: '198.51.100.1' })).flat();
    await send(office);
    const { live, behind } = await readPresent(stage.redis, stage.env.PLIMSOLL_NAMESPACE, 'shop', Date.now(), ['198.51.100.1']);
    expect([Math.abs(live - 30) <= 2, Math.abs((behind.get('198.51.100.1') ?? 0) - 30) <= 2]).toEqual([true, true]);
    await updateService(stage.db, 'shop', { settings: { ladder: [{ steps: [{ action: 'block', seconds: 600 }] }] } });
    await new Promise((resolve) => setTimeout(resolve, 2_100)); // Settings are read every two seconds.
    const anonymous = { ip: '198.51.100.1', authenticated: false };
    const flood = requests(400, anonymous).map(({ actor, ...log }) => log);
    await send(flood);
    const made = (await decisions()).filter(({ action }) => action === 'block');
    expect(made).toMatchObject([{ mode: 'pending', subjectId: '198.51.100.1' }]);
    expect(made[0]?.weight).toBeGreaterThan(25);
  });
});

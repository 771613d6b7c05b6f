/**
 * A host with many guards in one process, each an instance of its own to the server: watches for the blocks of users
 * `u1`, `u2`, ... and notes when each guard enforces them, by this machine's clock, to a few milliseconds.
 */
import { plimsoll } from '@plimsoll/sdk';

const [url = '', key = '', count = '0', everyMs = '1'] = process.argv.slice(2);
const guards = Array.from({ length: Number(count) }, (_, index) => {
  const guard = plimsoll({ url, key, instance: `api-${process.pid}-${index}`, onError: () => undefined });
  return { guard, next: 1, enforcedAt: [] as number[] };
});

setInterval(() => {
  const now = Date.now();
  for (const one of guards) {
    while (one.guard.check({ actor: `u${one.next}` }).verdict === 'block') {
      one.enforcedAt.push(now);
      one.next += 1;
    }
  }
}, Number(everyMs));

process.on('message', async (message: 'ready' | 'end') => {
  if (message === 'ready') {
    const ready = await Promise.all(guards.map(({ guard }) => guard.ready(60_000)));
    process.send?.({ ready: ready.every(Boolean) });
  } else {
    const faults = guards.reduce((sum, { guard }) => sum + Object.values(guard.stats().faults).reduce((a, b) => a + b, 0), 0);
    process.send?.({ enforcedAt: guards.map(({ enforcedAt }) => enforcedAt), faults }, undefined, undefined, () =>
      process.exit(),
    );
  }
});

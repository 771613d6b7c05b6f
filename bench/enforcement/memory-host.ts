/**
 * A host that does nothing but hold: the SDK with all its decisions and a full buffer, its memory before and after, how
 * long the decisions held up the event loop, and what a look-up and a whole request cost. Run with --expose-gc.
 */
import { plimsoll } from '@plimsoll/sdk';

const [url = '', key = '', decisions = '0'] = process.argv.slice(2);
const LOGS = 10_000;
const CALLS = 200_000;

const settle = async () => {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
/** What V8 holds for us: the heap, and the buffers outside of it. */
const held = () => process.memoryUsage().heapUsed + process.memoryUsage().external;

const guard = plimsoll({ url: 'http://127.0.0.1:9', key, flushMs: 60_000, onError: () => undefined });
await guard.close(0);
await settle();
const [before, rssBefore] = [held(), process.memoryUsage().rss];

// By processor time of this process: on a busy machine the clock tells of others.
let longestMs = 0;
let last = process.cpuUsage();
const watch = setInterval(() => {
  const { user, system } = process.cpuUsage(last);
  longestMs = Math.max(longestMs, (user + system) / 1_000);
  last = process.cpuUsage();
}, 1);
const own = plimsoll({ url, key, flushMs: 60_000, maxBatch: 5_000, onError: () => undefined });
if (!(await own.ready(60_000)) || own.stats().decisions !== Number(decisions)) {
  throw new Error(`not all decisions: ${JSON.stringify(own.stats())}`);
}
clearInterval(watch);

const request = (index: number) => ({
  method: 'GET',
  path: `/orders/${index}/lines/${index * 7}`,
  route: '/orders/:id/lines/:line',
  status: 200,
  durationMs: 12.5 + index / 1_000,
  bytesOut: 2_048,
  ip: `198.51.${(index >> 8) & 255}.${index & 255}`,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  actor: `user-${index % 5_000}`,
  authenticated: true,
  credential: `cf_${String(index).padStart(22, 'k')}`,
});
// The server takes nothing: what is under way and the whole buffer stay in memory.
for (let index = 0; index < LOGS + 5_000; index += 1) {
  own.record(request(index));
  if (index % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
await settle();
const after = held() - before;
const rss = process.memoryUsage().rss - rssBefore;

const caller = (index: number) => {
  const { actor, credential, ip, method, path } = request(index);
  return { actor, credential, ip, method, path };
};
/** Microseconds of each call; `prepare` is not counted. */
function times<T>(calls: number, prepare: (index: number) => T, call: (value: T) => void): number[] {
  const taken: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const value = prepare(index);
    const start = process.hrtime.bigint();
    call(value);
    taken.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return taken.slice(calls / 10).sort((a, b) => a - b);
}
const at = (values: readonly number[], q: number) => values[Math.floor(q * values.length)] ?? Number.NaN;
const lookup = times(CALLS, caller, (value) => own.check(value));
const clock = times(
  CALLS,
  () => 0,
  () => undefined,
);
const both = times(
  CALLS,
  (index) => [caller(index), request(index)] as const,
  ([who, what]) => {
    own.check(who);
    own.record(what);
  },
);
process.send?.(
  {
    heldMiB: after / 2 ** 20,
    rssMiB: rss / 2 ** 20,
    longestMs,
    buffered: own.stats().buffered,
    lookupUs: at(lookup, 0.5) - at(clock, 0.5),
    bothUs: at(both, 0.5) - at(clock, 0.5),
    bothP99Us: at(both, 0.99) - at(clock, 0.5),
  },
  undefined,
  undefined,
  () => process.exit(),
);

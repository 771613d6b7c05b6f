/** A host that says when it begins to enforce blocks of `u1`, `u2`, ...: run as a child process that a test puts to sleep. */
import { plimsoll } from '../src/index.js';

const [url = '', key = ''] = process.argv.slice(2);
const guard = plimsoll({ url, key, flushMs: 10, onError: () => undefined });
await guard.ready(10_000);
process.send?.('ready');
let next = 1;
setInterval(() => {
  while (guard.check({ actor: `u${next}` }).verdict === 'block') {
    process.send?.(`u${next}`);
    next += 1;
  }
}, 5);
process.on('disconnect', () => process.exit());

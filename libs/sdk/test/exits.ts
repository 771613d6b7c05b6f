/** A host that uses the guard once and has nothing else to do: run as a child process, it must end by itself. */
import { plimsoll } from '../src/index.js';

const [url = '', mode = '', key = ''] = process.argv.slice(2);
const guard = plimsoll({
  url,
  key,
  flushMs: 10,
  onError: () => undefined,
});
for (let index = 0; index < 100; index += 1) guard.record({ method: 'GET', path: `/${index}`, status: 200, ip: '192.0.2.1' });
let doneAt = performance.now();
process.on('exit', () => console.log(JSON.stringify({ heldMs: performance.now() - doneAt, ...guard.stats() })));
if (mode === 'goodbye') {
  await guard.ready(10_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await guard.close();
  console.log('closed');
} else if (mode === 'close') await guard.close(200);
else if (mode === 'ready') console.log('ready', await guard.ready(200));
else await new Promise((resolve) => setTimeout(resolve, 200));
doneAt = performance.now();

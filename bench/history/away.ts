/**
 * ClickHouse silent for ten minutes under load (its process is stopped by a signal, so that calls hang instead of being
 * refused): detection keeps up, the buffer stays within its bound, what is lost is counted as a gap, the rest is caught up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../report.js';
import { findBelow, memoryOf } from './engine.js';
import { startLoaded } from './load.js';

const BATCH = 100;
const BATCHES_A_SECOND = 5;
const BUFFER_MIB = 4;
const CAUGHT_UP_WITHIN_MS = 120_000;

export async function measureAway(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 60 : 600;
  const loaded = await startLoaded([], { PLIMSOLL_HISTORY_BUFFER: String(BUFFER_MIB) });
  const server = findBelow(loaded.product.pid, /history-server/);
  const worker = findBelow(loaded.product.pid, /worker\/dist/);
  try {
    const sent = new Set(await loaded.send(BATCH, 'before'));
    if (sent.size === 0) throw new Error('ingestion took nothing');
    while ((await loaded.kept().catch(() => new Map())).size < sent.size) await sleep(500);
    const memoryBefore = memoryOf(worker);
    process.kill(server, 'SIGSTOP');
    const end = Date.now() + seconds * 1_000;
    let [slowest, memory] = [0, 0];
    for (let batch = 0; Date.now() < end; batch += 1) {
      for (const id of await loaded.send(BATCH, `a${batch}`)) sent.add(id);
      await sleep(1_000 / BATCHES_A_SECOND);
      if (batch % 50 === 49) {
        const begun = Date.now();
        while ((await loaded.counted()) < sent.size) await sleep(50);
        slowest = Math.max(slowest, Date.now() - begun);
        memory = Math.max(memory, memoryOf(worker));
      }
    }
    const away = await loaded.lost();
    process.kill(server, 'SIGCONT');
    const until = Date.now() + CAUGHT_UP_WITHIN_MS;
    let kept = await loaded.kept().catch(() => new Map<string, number>());
    while (kept.size + (await loaded.lost()) < sent.size && Date.now() < until) {
      await sleep(1_000);
      kept = await loaded.kept().catch(() => kept);
    }
    const lost = await loaded.lost();
    console.log(
      `away: ${sent.size} sent in ${seconds} s, ${kept.size} kept, ${lost} counted as lost (${away} before it came back)`,
    );
    const name = `ClickHouse silent for ${seconds / 60} minutes under load`;
    return [
      figure(`${name}: slowest count of what was sent`, slowest / 1_000, 's', 5),
      figure(`${name}: memory of the worker above its memory before`, memory - memoryBefore, 'MiB', 20 * BUFFER_MIB),
      figure(`${name}: logs neither kept nor counted as lost`, sent.size - kept.size - lost, 'logs', 0),
      figure(`${name}: logs doubled`, [...kept.values()].filter((count) => count > 1).length, 'logs', 0),
    ];
  } finally {
    process.kill(server, 'SIGCONT');
    await loaded.stop();
  }
}

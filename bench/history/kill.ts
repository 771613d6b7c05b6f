/** kill -9 under load: the worker and the history's server in turns; what was answered 202 is in the history once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../report.js';
import { findBelow } from './engine.js';
import { type Loaded, startLoaded } from './load.js';

const BATCH = 100;
const PAUSE_MS = 40;
/** A worker's shards are taken over within twelve seconds. */
const ROUND_MS = 14_000;
const SETTLED_WITHIN_MS = 120_000;

async function sending(loaded: Loaded, ended: () => boolean): Promise<string[]> {
  const sent: string[] = [];
  for (let batch = 0; !ended(); batch += 1) {
    sent.push(...(await loaded.send(BATCH, `k${batch}`)));
    await sleep(PAUSE_MS);
  }
  return sent;
}

export async function measureKills(quick: boolean): Promise<Figure[]> {
  const rounds = quick ? 2 : 10;
  const loaded = await startLoaded();
  try {
    let ended = false;
    const load = sending(loaded, () => ended);
    for (let round = 0; round < rounds; round += 1) {
      await sleep(2_000 + Math.random() * 1_000);
      const victim = round % 2 === 0 ? /worker\/dist/ : /history-server/;
      process.kill(findBelow(loaded.product.pid, victim), 'SIGKILL');
      await sleep(ROUND_MS);
      console.log(`kill: round ${round + 1} (${victim.source})`);
    }
    ended = true;
    const sent = await load;
    if (sent.length === 0) throw new Error('ingestion took nothing');
    const end = Date.now() + SETTLED_WITHIN_MS;
    let kept = await loaded.kept();
    while (sent.some((id) => !kept.has(id)) && Date.now() < end) {
      await sleep(2_000);
      kept = await loaded.kept().catch(() => kept);
    }
    const lost = sent.filter((id) => !kept.has(id)).length;
    const doubled = [...kept.values()].filter((count) => count > 1).length;
    console.log(`  ${sent.length} logs acknowledged, ${kept.size} kept`);
    return [
      figure(`acknowledged logs lost in ${rounds} kills under load`, lost, 'logs', 0),
      figure(`logs doubled in ${rounds} kills under load`, doubled, 'logs', 0),
    ];
  } finally {
    await loaded.stop();
  }
}

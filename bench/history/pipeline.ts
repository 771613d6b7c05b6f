/** CPU a log of the whole product with history on against off: two products side by side, in turns, everything that runs below each. */
import { sleep, until } from '../main-job/clock.js';
import { type Figure, figure, quantile, spread } from '../report.js';
import { secondsBelow } from './engine.js';
import { type Loaded, rowsOf, startLoaded } from './load.js';

const BATCH = 500;

/** Microseconds a log, from the first batch until the last is counted and, where it is kept, in the history. */
async function costOf(loaded: Loaded, batches: number, round: number): Promise<number> {
  const [counted, rows] = [await loaded.counted(), await rowsOf(loaded)];
  const before = secondsBelow(loaded.product.pid);
  for (let batch = 0; batch < batches; batch += 1) {
    const ids = await loaded.send(BATCH, `r${round}-${batch}`);
    if (ids.length === 0) throw new Error('a batch was not taken');
  }
  const logs = batches * BATCH;
  await until(async () => (await loaded.counted()) === counted + logs || undefined, 'all logs counted', 180, 50);
  if (loaded.history) await until(async () => (await rowsOf(loaded)) === rows + logs || undefined, 'all logs kept', 180, 200);
  await sleep(1_000);
  return ((secondsBelow(loaded.product.pid) - before) / logs) * 1e6;
}

export async function measurePipeline(quick: boolean): Promise<Figure[]> {
  const [batches, pairs] = quick ? [20, 2] : [60, 10];
  const on = await startLoaded();
  const off = await startLoaded(['--no-history']);
  try {
    for (const loaded of [on, off]) await costOf(loaded, 10, -1);
    const ratios: number[] = [];
    const costs: number[] = [];
    for (let round = 0; round < pairs; round += 1) {
      const order = round % 2 === 0 ? [on, off] : [off, on];
      const cost = new Map<Loaded, number>();
      for (const loaded of order) cost.set(loaded, await costOf(loaded, batches, round));
      ratios.push((cost.get(on) ?? 0) / (cost.get(off) ?? 1));
      costs.push((cost.get(on) ?? 0) - (cost.get(off) ?? 0));
      console.log(`  ${cost.get(on)?.toFixed(1)} us a log with history, ${cost.get(off)?.toFixed(1)} without`);
    }
    console.log(`pipeline: ${spread(ratios)}; ${spread(costs)} us a log more`);
    return [
      figure(
        `CPU a log of the whole product, history on against off (median of ${pairs} pairs)`,
        quantile(ratios, 0.5),
        'x',
        1.5,
      ),
    ];
  } finally {
    await on.stop();
    await off.stop();
  }
}

/**
 * The bars of the request history: `npm run bench:history`, `-- --quick` for a small form that keeps no figure. Parts, one by
 * one: BENCH_PARTS=inserts,reads,pipeline,kill,away,backtest.
 */
import { measureAway } from './history/away.js';
import { measureBacktest } from './history/backtest.js';
import { measureInserts, measureReads } from './history/kept.js';
import { measureKills } from './history/kill.js';
import { measurePipeline } from './history/pipeline.js';
import { type Figure, keep } from './report.js';

const quick = process.argv.includes('--quick');
const parts: Record<string, (quick: boolean) => Promise<Figure[]>> = {
  inserts: measureInserts,
  reads: measureReads,
  pipeline: measurePipeline,
  kill: measureKills,
  away: measureAway,
  backtest: measureBacktest,
};
const asked = process.env['BENCH_PARTS']?.split(',') ?? Object.keys(parts);
for (const name of asked) {
  const measure = parts[name];
  if (!measure) throw new Error(`no part ${name}`);
  const figures = await measure(quick);
  if (quick) for (const { name: what, value, unit } of figures) console.log(`  ${what}: ${value} ${unit}`);
  else keep('history', figures, { by: `BENCH_PARTS=${name} npm run bench:history` });
}

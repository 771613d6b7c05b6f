/**
 * The model against the labelled simulator, beside its rivals: `npm run bench:detection`. Ten seeds of 500 people over four
 * days, office, consumer and global rhythms in turn; ten fresh seeds for the product alone; other scales; a patient climber.
 * `-- --quick` is for development: two small seeds, nothing is kept. `-- --part=contest,fresh,scales,poisoning` runs some.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Rhythm } from '../test/traffic/parameters.js';
import type { MakeDetector } from './detection/alarm.js';
import { contest, type Run } from './detection/contest.js';
import { figuresOf } from './detection/figures.js';
import { climbs } from './detection/poisoning.js';
import { Product } from './detection/product.js';
import { RIVALS } from './detection/rivals.js';
import { kindTable, rivalTable, type Standing, standingOf } from './detection/tables.js';
import { type Figure, figure, keep, quantile } from './report.js';

const TABLES = 'bench/tables/detection.json';
const RHYTHMS: readonly Rhythm[] = ['office', 'consumer', 'global'];
const product: MakeDetector = (onAlarm) => new Product(onAlarm);

const flags = process.argv.slice(2);
const quick = flags.includes('--quick');
const parts = flags
  .find((flag) => flag.startsWith('--part='))
  ?.slice(7)
  .split(',') ?? ['contest', 'fresh', 'scales', 'poisoning'];
const unknown = flags.filter((flag) => flag !== '--quick' && !flag.startsWith('--part='));
if (unknown.length > 0) {
  console.error(`No option ${unknown.join(', ')}. There are: --quick, --part=contest,fresh,scales,poisoning.`);
  process.exit(2);
}
const size = quick ? { users: 150, days: 2.5, calmDays: 1 } : { users: 500, days: 4, calmDays: 2 };

function runs(first: number, many: number, makers: readonly MakeDetector[]): Run[] {
  return Array.from({ length: many }, (_, index) => {
    const run = contest({ seed: first + index, rhythm: RHYTHMS[index % 3] ?? 'office', ...size }, makers);
    console.error(`seed ${first + index}: ${run.benign} benign requests`);
    return run;
  });
}

const total = (some: readonly Run[]) => some.reduce((sum, { benign }) => sum + benign, 0);

function told(standings: readonly Standing[]): void {
  const [own] = standings;
  if (own) console.log(`\n${kindTable(own)}\n`);
  console.log(`${rivalTable(standings)}\n`);
}

/** The tables of the parts that ran replace those of earlier runs. */
function keepTables(tables: Record<string, unknown>): void {
  let before: Record<string, unknown> = {};
  try {
    before = JSON.parse(readFileSync(TABLES, 'utf8'));
  } catch {
    // The first run.
  }
  mkdirSync('bench/tables', { recursive: true });
  // A line a row, four digits: to be read by people too.
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  const text = JSON.stringify({ ...before, ...tables }, rounded).replace(
    /(?<=[[,]){"(?:variant|kind|detector|users|startPerHour)"/g,
    '\n$&',
  );
  writeFileSync(TABLES, `${text}\n`);
}

const figures: Figure[] = [];
const tables: Record<string, unknown> = {};
if (parts.includes('contest')) {
  const all = runs(1, quick ? 2 : 10, [product, ...RIVALS]);
  const names = [...(all[0]?.scores.keys() ?? [])];
  const standings = names.map((name) => standingOf(all, name));
  told(standings);
  figures.push(...figuresOf(all, 'own simulator'));
  figures.push(figure('benign requests judged, own simulator', total(all), 'requests', 3e6, 'higher'));
  tables['contest'] = {
    benign: total(all),
    size,
    standings: standings.map((one, index) => (index === 0 ? one : { ...one, variants: [] })),
  };
}
if (parts.includes('fresh')) {
  const all = runs(101, quick ? 1 : 10, [product]);
  const standings = [standingOf(all, 'plimsoll')];
  told(standings);
  figures.push(...figuresOf(all, 'fresh seeds'));
  tables['fresh'] = { benign: total(all), size, standings };
}
if (parts.includes('scales')) {
  const scales: { users: number; benign: number; standing: Standing }[] = [];
  // Fewer days for more people: each run has from a quarter of a million to some millions of requests.
  const sizes = [
    { users: 10, days: 4, calmDays: 2 },
    { users: 100, days: 3, calmDays: 1.5 },
    { users: 5_000, days: 1.5, calmDays: 0.75 },
    { users: 100_000, days: 0.5, calmDays: 0.25 },
  ];
  for (const scale of quick ? sizes.slice(0, 2) : sizes) {
    const run = contest({ seed: 201, rhythm: 'global', ...scale }, [product]);
    scales.push({ users: scale.users, benign: run.benign, standing: { ...standingOf([run], 'plimsoll'), variants: [] } });
    console.error(`${scale.users} people: ${run.benign} benign requests`);
  }
  for (const { users, benign, standing } of scales) {
    console.log(`${users} people, ${benign} benign requests: ${standing.found} of ${standing.attacks} found,`);
    console.log(`  ${standing.falsePerMillion.toFixed(2)} false alerts per million ${JSON.stringify(standing.falseKinds)}`);
    figures.push(figure(`false alerts, ${users} people`, standing.falsePerMillion, 'per million benign requests', 5));
  }
  tables['scales'] = scales;
}
if (parts.includes('poisoning')) {
  const all = (quick ? [1] : [1, 2, 3]).flatMap(climbs);
  console.log(JSON.stringify(all, null, 1));
  const reached = all.filter(({ startPerHour }) => startPerHour === 600).map((climb) => climb.reached);
  figures.push(
    figure(
      'poisoning: largest rate reached unflagged in 7 days, from 600 requests an hour',
      quantile(reached, 0.5),
      'x the start',
      3,
    ),
  );
  tables['poisoning'] = all;
}
if (quick)
  for (const { name, value, unit, pass } of figures) console.log(`  ${pass ? 'met   ' : 'MISSED'} ${name}: ${value} ${unit}`);
else {
  keep('detection', figures);
  keepTables(tables);
}

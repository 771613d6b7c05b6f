/**
 * The model against the labelled simulator, beside its rivals, and against data of others: `npm run bench:detection`. Ten
 * seeds of 500 people over four days, in three rhythms in turn; ten fresh seeds; another API and barer logs; other scales;
 * a patient climber; CrowdSec's tests; shards and order; ROC and pictures. `-- --part=NAME,...` runs some of them.
 * `-- --quick` is for development: small, and nothing is kept.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { contestPart, freshPart, scalesPart, variantsPart } from './detection/contests.js';
import { crowdsecPart } from './detection/crowdsec.js';
import { writeDocument } from './detection/document.js';
import type { MeasurePart } from './detection/part.js';
import { poisoningPart } from './detection/poisoning.js';
import { rocPart } from './detection/roc.js';
import { shardsPart } from './detection/shards.js';
import { drawPictures } from './pictures/pictures.js';
import { keep } from './report.js';

const TABLES = 'bench/tables/detection.json';
const PARTS: Record<string, MeasurePart> = {
  contest: contestPart,
  fresh: freshPart,
  variants: variantsPart,
  scales: scalesPart,
  poisoning: poisoningPart,
  crowdsec: crowdsecPart,
  shards: shardsPart,
  roc: rocPart,
};
const names = [...Object.keys(PARTS), 'pictures'];

const flags = process.argv.slice(2);
const quick = flags.includes('--quick');
const chosen = flags
  .find((flag) => flag.startsWith('--part='))
  ?.slice(7)
  .split(',');
const unknown = flags.filter((flag) => flag !== '--quick' && !flag.startsWith('--part='));
if (unknown.length > 0 || chosen?.some((name) => !names.includes(name))) {
  console.error(`No option ${[...unknown, ...(chosen ?? [])].join(', ')}. There are: --quick, --part=${names.join(',')}.`);
  process.exit(2);
}

function tablesBefore(): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(TABLES, 'utf8'));
  } catch {
    return {}; // The first run.
  }
}

/** The tables of the parts that ran replace those of earlier runs. */
function keepTables(tables: Record<string, unknown>): void {
  mkdirSync('bench/tables', { recursive: true });
  // A line a row, four digits: to be read by people too.
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  const text = JSON.stringify({ ...tablesBefore(), ...tables }, rounded).replace(
    /(?<=[[,]){"(?:variant|kind|detector|users|startPerHour|service|folder|way)"/g,
    '\n$&',
  );
  writeFileSync(TABLES, `${text}\n`);
}

const measured: Record<string, unknown> = {};
for (const [name, measure] of Object.entries(PARTS)) {
  if (chosen && !chosen.includes(name)) continue;
  const { figures, tables } = await measure(quick);
  Object.assign(measured, tables);
  if (quick) {
    for (const { name, value, unit, pass } of figures) console.log(`  ${pass ? 'met   ' : 'MISSED'} ${name}: ${value} ${unit}`);
    continue;
  }
  keepTables(tables);
  if (figures.length > 0) keep('detection', figures, { by: `npm run bench:detection -- --part=${name}` });
}
if (!chosen || chosen.includes('pictures'))
  drawPictures(quick ? 'bench/dist/pictures' : 'docs/pictures', { ...tablesBefore(), ...measured });
if (!quick) writeDocument(tablesBefore());

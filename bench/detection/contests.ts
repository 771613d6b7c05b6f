/**
 * The parts that play the labelled simulator: the contest with the rivals on ten seeds, the product alone on ten fresh
 * ones, on other services and barer logs, and at other scales.
 */
import type { TrafficParameters } from '../../test/traffic/parameters.js';
import { figure } from '../report.js';
import type { MakeDetector } from './alarm.js';
import { contest, type Run } from './contest.js';
import { figuresOf } from './figures.js';
import { type Part, RHYTHMS, sizeFor } from './part.js';
import { Product } from './product.js';
import { RIVALS } from './rivals.js';
import { kindTable, rivalTable, type Standing, shortLine, standingOf } from './tables.js';

const product: MakeDetector = (onAlarm) => new Product(onAlarm);

export function runs(
  first: number,
  many: number,
  makers: readonly MakeDetector[],
  parameters: Partial<TrafficParameters>,
): Run[] {
  return Array.from({ length: many }, (_, index) => {
    const run = contest({ seed: first + index, rhythm: RHYTHMS[index % 3] ?? 'office', ...parameters }, makers);
    console.error(`seed ${first + index}: ${run.benign} benign requests`);
    return run;
  });
}

const total = (some: readonly Run[]) => some.reduce((sum, { benign }) => sum + benign, 0);

function tell(title: string, standings: readonly Standing[]): void {
  const [own] = standings;
  console.log(`\n${title}`);
  if (own) console.log(`\n${kindTable(own)}\n\n${shortLine(own)}\n\nfalse alerts ${JSON.stringify(own.falseKinds)}\n`);
  console.log(`${rivalTable(standings)}\n`);
}

const FALSE_BAR = 5;

export function contestPart(quick: boolean): Part {
  const size = sizeFor(quick);
  const all = runs(1, quick ? 2 : 10, [product, ...RIVALS], size);
  const standings = [...(all[0]?.scores.keys() ?? [])].map((name) => standingOf(all, name));
  tell('Own simulator', standings);
  const figures = figuresOf(all, 'own simulator');
  figures.push(figure('benign requests judged, own simulator', total(all), 'requests', 3e6, 'higher'));
  const kept = standings.map((one, index) => (index === 0 ? one : { ...one, variants: [] }));
  return { figures, tables: { contest: { benign: total(all), size, standings: kept } } };
}

export function freshPart(quick: boolean): Part {
  const size = sizeFor(quick);
  const all = runs(101, quick ? 1 : 10, [product], size);
  const standings = [standingOf(all, 'plimsoll')];
  tell('Fresh seeds', standings);
  return { figures: figuresOf(all, 'fresh seeds'), tables: { fresh: { benign: total(all), size, standings } } };
}

const VARIANTS = [
  { service: 'shop', wire: 'bare' },
  { service: 'suite', wire: 'full' },
  { service: 'suite', wire: 'bare' },
] as const;

/** Another API, and logs that tell less: does what was built beside the shop hold there? */
export function variantsPart(quick: boolean): Part {
  const size = sizeFor(quick);
  const figures: Part['figures'] = [];
  const variants = VARIANTS.map(({ service, wire }) => {
    const all = runs(301, quick ? 1 : 3, [product], { ...size, service, wire });
    const standing = standingOf(all, 'plimsoll');
    tell(`${service}, ${wire} logs`, [standing]);
    figures.push(...figuresOf(all, `${service}, ${wire} logs`));
    return { service, wire, benign: total(all), standing };
  });
  return { figures, tables: { variants } };
}

/**
 * Fewer days for more people, and many services where each is small: in one of ten people, which makes an eighth of a million
 * requests, a single alert would be above the bar, and none would prove nothing. Two million requests and more of each size.
 */
const SCALES = [
  { services: 24, users: 10, days: 4, calmDays: 2 },
  { services: 18, users: 100, days: 3, calmDays: 1.5 },
  { services: 1, users: 5_000, days: 1.5, calmDays: 0.75 },
  { services: 1, users: 100_000, days: 0.5, calmDays: 0.25 },
];

export function scalesPart(quick: boolean): Part {
  const figures: Part['figures'] = [];
  const scales = (quick ? SCALES.slice(0, 2) : SCALES).map(({ services, ...scale }) => {
    const all = runs(201, quick ? 1 : services, [product], { rhythm: 'global', ...scale });
    const standing = { ...standingOf(all, 'plimsoll'), variants: [] };
    const { found, attacks, falsePerMillion, falseKinds } = standing;
    console.log(`${scale.users} people, ${total(all)} benign requests: ${found} of ${attacks} found,`);
    console.log(`  ${falsePerMillion.toFixed(2)} false alerts per million ${JSON.stringify(falseKinds)}`);
    figures.push(figure(`false alerts, ${scale.users} people`, falsePerMillion, 'per million benign requests', FALSE_BAR));
    return { users: scale.users, benign: total(all), standing };
  });
  return { figures, tables: { scales } };
}

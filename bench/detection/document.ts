/**
 * Writes what was measured into docs/detection.md, between two marks, so that no figure there is typed by hand: the bars,
 * each kind in each form, false alerts by kind, the rivals, other services and logs, other scales, and the pictures that were drawn.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Figure } from '../report.js';
import { kindTable, rivalTable, type Standing, shortLine } from './tables.js';

const DOCUMENT = 'docs/detection.md';
const BEGIN = '<!-- measured: written by npm run bench:detection -->';
const END = '<!-- /measured -->';

/** Drawn by bench/pictures, in this order. */
const PICTURES = [
  ['roc', 'Recall against false alerts of our model and of its rivals, each turned through its own knob'],
  ['band', 'What is expected of one actor on one endpoint, its limit, and an attack that crosses it'],
  ['ramp', 'A pace that doubles each day, and the most that passes unflagged'],
] as const;

interface Measured {
  contest?: { benign: number; standings: Standing[] };
  fresh?: { benign: number; standings: Standing[] };
  variants?: { service: string; wire: string; benign: number; standing: Standing }[];
  scales?: { users: number; benign: number; standing: Standing }[];
}

export function writeDocument(tables: Record<string, unknown>): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} has no place for what was measured: ${BEGIN} ... ${END}`);
  const figures: Figure[] = JSON.parse(readFileSync('bench/results/detection.json', 'utf8')).figures;
  const pictures = PICTURES.filter(([name]) => existsSync(`docs/pictures/${name}.svg`));
  const shown = pictures.map(([name, words]) => `![${words}](pictures/${name}.svg)`);
  const body = [barTable(figures), ...sections(tables as Measured), ...shown].join('\n\n');
  writeFileSync(DOCUMENT, `${text.slice(0, from)}${BEGIN}\n\n${body}\n\n${text.slice(to)}`);
  console.log(`${DOCUMENT}: the tables of what was measured`);
}

function sections({ contest, variants, scales, fresh }: Measured): string[] {
  const parts: string[] = [];
  const own = contest?.standings[0];
  if (contest && own) {
    parts.push('Each kind, in brackets an alert of any kind:', kindTable(own));
    if (own.shortSeconds) parts.push(shortLine(own));
    parts.push(`False alerts by kind, of ${millions(contest.benign)} requests: ${falseKinds(own)}.`);
    if (fresh?.standings[0])
      parts.push(`On the fresh seeds, of ${millions(fresh.benign)} requests: ${falseKinds(fresh.standings[0])}.`);
    parts.push('Beside the rivals; recall by any kind, since most of them know none:', rivalTable(contest.standings));
  }
  const others = [
    ...(variants ?? []).map(({ service, wire, ...rest }) => ({ name: `${service}, ${wire} logs`, ...rest })),
    ...(scales ?? []).map(({ users, ...rest }) => ({ name: `${users.toLocaleString('en')} people`, ...rest })),
  ];
  if (others.length > 0) parts.push('Another API, logs that tell less, other scales:', otherTable(others));
  return parts;
}

const millions = (benign: number) => `${(benign / 1e6).toFixed(1)} million`;

function falseKinds({ falseKinds }: Standing): string {
  const entries = Object.entries(falseKinds).sort(([, a], [, b]) => b - a);
  return entries.length > 0 ? entries.map(([whose, many]) => `${many} ${whose}`).join(', ') : 'none';
}

function otherTable(rows: readonly { name: string; benign: number; standing: Standing }[]): string {
  const share = ({ rows }: Standing, forms: readonly string[]) => {
    const those = rows.filter(({ form }) => forms.includes(form));
    const attacks = those.reduce((sum, row) => sum + row.attacks, 0);
    return (those.reduce((sum, row) => sum + row.recall * row.attacks, 0) / Math.max(1, attacks)).toFixed(2);
  };
  const lines = rows.map(({ name, benign, standing }) => {
    const recalls = `${share(standing, ['easy', 'medium'])} | ${share(standing, ['stealthy'])}`;
    return `| ${name} | ${millions(benign)} | ${recalls} | ${standing.falsePerMillion.toFixed(1)} | ${falseKinds(standing)} |`;
  });
  const head = '| | requests | easy and medium | stealthy | false per million | which |\n|---|---|---|---|---|---|';
  return `${head}\n${lines.join('\n')}`;
}

/** Every figure that has a bar, and how to measure it again. */
function barTable(figures: readonly Figure[]): string {
  const lines = figures.map(({ name, value, unit, bar, better, pass, by }) => {
    const sign = better === 'lower' ? '≤' : '≥';
    const command = by?.replace('npm run ', '').replace(' -- ', ' ') ?? '';
    return `| ${name} | ${Number(value.toPrecision(3)).toLocaleString('en')} ${unit} | ${sign} ${bar.toLocaleString('en')} | ${pass ? 'met' : 'missed'} | ${command} |`;
  });
  return `| figure | measured | bar | | by |\n|---|---|---|---|---|\n${lines.join('\n')}`;
}

/**
 * What every benchmark does at its end: print the machine, the versions and each figure against its bar, and keep the
 * figures in bench/results/NAME.json. Several commands may keep figures in one file: each figure says by which it was
 * measured, and a run replaces all of its own, so that none outlives the code that measured it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  bar: number;
  better: 'lower' | 'higher';
  pass: boolean;
  /** The command that measures it. */
  by?: string;
}

export interface Keeping {
  /** The command that these figures are all of; without it they replace those of the same name alone. */
  by?: string;
  versions?: Record<string, string>;
}

const rounded = (value: number) => Number(value.toPrecision(4));

export function figure(name: string, value: number, unit: string, bar: number, better: 'lower' | 'higher' = 'lower'): Figure {
  return { name, value: rounded(value), unit, bar, better, pass: better === 'lower' ? value <= bar : value >= bar };
}

/** The q-quantile (0..1) by the nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

export function spread(values: readonly number[]): string {
  const [low, middle, high, top] = [0.05, 0.5, 0.95, 0.99].map((q) => rounded(quantile(values, q)));
  return `${values.length} repetitions, median ${middle}, p5 ${low}, p95 ${high}, p99 ${top}`;
}

function machine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`;
}

/** @param name file of bench/results */
export function keep(name: string, figures: readonly Figure[], { by, versions = {} }: Keeping = {}): void {
  const file = `bench/results/${name}.json`;
  let before: Figure[] = [];
  try {
    before = JSON.parse(readFileSync(file, 'utf8')).figures;
  } catch {
    // The first run of this benchmark.
  }
  const own = new Set(figures.map((entry) => entry.name));
  const others = before.filter((entry) => !own.has(entry.name) && (by === undefined || entry.by !== by));
  const all = [...others, ...figures.map((entry) => ({ ...entry, ...(by === undefined ? {} : { by }) }))];
  const result = {
    name,
    date: new Date().toISOString(),
    machine: machine(),
    versions: { node: process.version, ...versions },
    figures: all,
  };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${name} on ${result.machine}, node ${process.version}`);
  for (const entry of figures) {
    const sign = entry.better === 'lower' ? '<=' : '>=';
    console.log(`  ${entry.pass ? 'met   ' : 'MISSED'} ${entry.name}: ${entry.value} ${entry.unit} (bar ${sign} ${entry.bar})`);
  }
}

/** Counts of a reading run: what was read, what could not be, and a few examples to look at. */
import { cleanText } from '@plimsoll/contracts';
import type { Line } from './lines.js';

const MOST_EXAMPLES = 5;
const MOST_NAMES = 50;
const LONGEST_EXAMPLE = 120;

export interface Example {
  file: string;
  line: number;
  reason: string;
  text: string;
}

export class Tally {
  lines = 0;
  logs = 0;
  unparsed = 0;
  /** Logs more than a minute behind those read before them. */
  late = 0;
  /** The first few lines that could not be read; control characters made visible, since terminals obey them. */
  readonly examples: Example[] = [];
  /** Ignored fields by name with their counts; names beyond the first 50 are not kept. */
  readonly unknown = new Map<string, number>();

  countUnparsed(file: string, line: Line, reason: string): void {
    this.unparsed += 1;
    if (this.examples.length >= MOST_EXAMPLES) return;
    const text = cleanText(line.text.slice(0, LONGEST_EXAMPLE));
    this.examples.push({ file, line: line.number, reason: cleanText(reason), text });
  }

  countUnknown(names: string[]): void {
    for (const name of names) {
      const key = cleanText(name.slice(0, 60));
      const before = this.unknown.get(key);
      if (before !== undefined || this.unknown.size < MOST_NAMES) this.unknown.set(key, (before ?? 0) + 1);
    }
  }

  /** Sentences for people about what was left out; empty where nothing was. */
  remarks(): string[] {
    const remarks: string[] = [];
    if (this.unparsed > 0) {
      remarks.push(
        `${this.unparsed} of ${this.lines} lines could not be read${this.unparsed > this.examples.length ? ', the first' : ''}:`,
      );
      remarks.push(...this.examples.map(({ file, line, reason, text }) => `  ${cleanText(file)}:${line}: ${reason}: ${text}`));
    }
    if (this.late > 0) remarks.push(`${this.late} logs came more than a minute after later ones and count as late.`);
    if (this.unknown.size > 0) {
      const names = [...this.unknown].map(([name, count]) => `${name} (${count})`).join(', ');
      remarks.push(`Ignored fields: ${names}.`);
    }
    return remarks;
  }
}

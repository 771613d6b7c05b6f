/** The table that `replay --summary` prints for people: each alert once, with its worst severity and its sentence. */
import { cleanText, severities } from '@plimsoll/contracts';
import { aligned } from '../table.js';
import type { AlertLine } from './alert-lines.js';

/** Alerts kept for the table; the others are counted. */
const MOST_ROWS = 10_000;

interface Row {
  opened: AlertLine;
  /** The line with the worst severity. */
  worst: AlertLine;
  endedTs: number | undefined;
}

export class Summary {
  readonly #rows: Row[] = [];
  readonly #open = new Map<string, Row>();
  #beyond = 0;

  take(line: AlertLine): void {
    const key = JSON.stringify([line.kind, line.subject, line.endpoint]);
    const row = this.#open.get(key);
    if (line.phase === 'ended') {
      if (row) row.endedTs = line.ts;
      this.#open.delete(key);
    } else if (row) {
      if (severities.indexOf(line.severity) > severities.indexOf(row.worst.severity)) row.worst = line;
    } else if (this.#rows.length < MOST_ROWS) {
      const opened = { opened: line, worst: line, endedTs: undefined };
      this.#rows.push(opened);
      this.#open.set(key, opened);
    } else this.#beyond += 1;
  }

  /** The whole text: a row and a sentence for each alert, then the counts by kind. */
  text(): string {
    if (this.#rows.length === 0) return 'No alerts.\n';
    const rows = this.#rows.map(({ opened, worst, endedTs }) => [
      new Date(opened.ts).toISOString().replace(/\.\d+Z$/, 'Z'),
      endedTs === undefined ? 'open' : duration(endedTs - opened.ts),
      worst.severity,
      worst.kind,
      cleanText(`${worst.subject.type} ${worst.subject.id}`),
      cleanText(worst.endpoint ?? '-'),
    ]);
    const table = aligned([['opened', 'lasted', 'severity', 'kind', 'subject', 'endpoint'], ...rows]);
    const [head, ...lines] = table;
    const body = lines.map((line, index) => `${line}\n    ${cleanText(this.#rows[index]?.worst.explanation ?? '')}`);
    return `${[head, ...body, '', this.#counts()].join('\n')}\n`;
  }

  #counts(): string {
    const kinds = new Map<string, number>();
    for (const { opened } of this.#rows) kinds.set(opened.kind, (kinds.get(opened.kind) ?? 0) + 1);
    const parts = [...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
    const beyond = this.#beyond > 0 ? `; ${this.#beyond} more are not shown` : '';
    return `${this.#rows.length} alerts: ${parts.join(', ')}${beyond}.`;
  }
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

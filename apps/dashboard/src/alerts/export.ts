/** One alert to take along: JSON as the API gives it, and its requests as CSV that no spreadsheet runs as a formula. */
import type { AlertDetail, AlertRequest } from '@plimsoll/contracts';

/** A cell that begins like a formula gets an apostrophe (OWASP, CSV injection); quotes are doubled (RFC 4180). */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

const columns: readonly (keyof AlertRequest)[] = [
  ...([
    'id',
    'ts',
    'method',
    'path',
    'endpoint',
    'status',
    'durationMs',
    'bytesOut',
    'ip',
    'userAgent',
    'actor',
    'verdict',
  ] as const),
];

export function requestsCsv(requests: readonly AlertRequest[]): string {
  const rows = requests.map((request) =>
    columns.map((name) => csvCell(name === 'ts' ? new Date(request.ts).toISOString() : request[name])).join(','),
  );
  return `${[columns.join(','), ...rows].join('\r\n')}\r\n`;
}

export const alertJson = (detail: AlertDetail): string => `${JSON.stringify(detail, null, 2)}\n`;

/** Hands a text to the browser as a file. */
export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

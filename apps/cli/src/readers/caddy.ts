/** Caddy's JSON access log: https://caddyserver.com/docs/logging. Times are seconds, or ISO text where so configured. */
import { firstAddress, plainAddress } from './address.js';
import { field, jsonObject, present, type Reading, readingOf } from './reading.js';
import { isoTime } from './request-line.js';

export function readCaddyLine(line: string): Reading {
  const entry = jsonObject(line);
  if (!entry) return { reason: 'not a JSON object' };
  const request = field(entry, 'request');
  if (typeof request !== 'object' || request === null) return { reason: 'no request in it: not a line of the access log' };
  const client =
    present(field(request, 'client_ip')) ?? present(field(request, 'remote_ip')) ?? present(field(request, 'remote_addr')) ?? '';
  const actor = present(field(entry, 'user_id'));
  return readingOf({
    ts: secondsOrIso(field(entry, 'ts')),
    method: field(request, 'method'),
    path: field(request, 'uri'),
    status: field(entry, 'status'),
    durationMs: seconds(field(entry, 'duration')) * 1000,
    bytesIn: field(entry, 'bytes_read') ?? 0,
    bytesOut: field(entry, 'size') ?? 0,
    ip: plainAddress(client) ?? firstAddress(client),
    userAgent: firstHeader(field(request, 'headers'), 'user-agent'),
    ...(actor === undefined ? {} : { actor }),
  });
}

function secondsOrIso(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.round(value * 1000);
  return typeof value === 'string' ? isoTime(value) : undefined;
}

const seconds = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);

function firstHeader(headers: unknown, name: string): string {
  if (typeof headers !== 'object' || headers === null) return '';
  const values = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const first: unknown = Array.isArray(values) ? values[0] : values;
  return typeof first === 'string' ? first : '';
}

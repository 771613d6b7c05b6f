/** Traefik's access log: its JSON fields, or its common format, which is the combined one with fields behind it. */
import { readAccessLine } from './access-line.js';
import { firstAddress } from './address.js';
import { field, jsonObject, present, type Reading, readingOf } from './reading.js';
import { isoTime } from './request-line.js';

export function readTraefikLine(line: string): Reading {
  if (!line.trimStart().startsWith('{')) return readAccessLine(line);
  const entry = jsonObject(line);
  if (!entry) return { reason: 'not a JSON object' };
  if (!present(field(entry, 'RequestMethod'))) return { reason: 'no RequestMethod in it: not a line of the access log' };
  const actor = present(field(entry, 'ClientUsername'));
  const nanoseconds = field(entry, 'Duration');
  return readingOf({
    ts: isoTime(present(field(entry, 'StartUTC')) ?? present(field(entry, 'time')) ?? ''),
    method: field(entry, 'RequestMethod'),
    path: field(entry, 'RequestPath'),
    status: field(entry, 'DownstreamStatus'),
    durationMs: typeof nanoseconds === 'number' && nanoseconds > 0 ? nanoseconds / 1e6 : 0,
    bytesIn: field(entry, 'RequestContentSize') ?? 0,
    bytesOut: field(entry, 'DownstreamContentSize') ?? 0,
    ip: firstAddress(present(field(entry, 'ClientHost')) ?? present(field(entry, 'ClientAddr')) ?? ''),
    userAgent: present(field(entry, 'request_User-Agent')) ?? '',
    ...(actor === undefined ? {} : { actor }),
  });
}

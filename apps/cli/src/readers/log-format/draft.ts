/** From the texts of a line's fields to a request log: times, sizes, durations and the client, in the units of the contract. */
import type { RequestLogInput } from '@plimsoll/contracts';
import { plainAddress } from '../address.js';
import { present } from '../reading.js';
import { clfTime, isoTime, monthOf, requestLine } from '../request-line.js';
import type { Values } from './pattern.js';

type Draft = { [K in keyof RequestLogInput]?: unknown };

export function draftOf(
  values: Values,
  undo: (text: string) => string,
  forwarded: number | undefined,
): { log: Draft } | { reason: string } {
  const ts = timeOf(values);
  if (ts === undefined) return { reason: 'no time that can be read' };
  const ip = clientOf(values, forwarded);
  if (ip === undefined) return { reason: `no client address: ${JSON.stringify((values.address ?? '').slice(0, 60))}` };
  const request = values.request === undefined ? undefined : requestLine(undo(values.request));
  const method = present(values.method) ?? request?.method;
  const path = undo(present(values.target) ?? present(values.path) ?? '') || request?.target;
  if (method === undefined || path === undefined) return { reason: 'no HTTP request in it' };
  if (!/^\d{3}$/.test(values.status ?? '')) return { reason: `no status: ${JSON.stringify((values.status ?? '').slice(0, 20))}` };
  const actor = present(undo(values.user ?? ''));
  const traceId = present(values.trace);
  const log = {
    ts,
    method,
    path,
    status: Number(values.status),
    durationMs: durationOf(values),
    bytesIn: sizeOf(values['bytes-in']),
    bytesOut: sizeOf(values['bytes-out']),
    ip,
    userAgent: present(undo(values.agent ?? '')) ?? '',
    ...(actor === undefined ? {} : { actor }),
    ...(traceId === undefined ? {} : { traceId: traceId.slice(0, 64) }),
  };
  return { log };
}

const sizeOf = (text: string | undefined) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : 0);

/** The n-th address from the right of a forwarded list, where it is believed and there; else the peer. */
function clientOf({ address, forwarded }: Values, fromRight: number | undefined): string | undefined {
  if (fromRight !== undefined && present(forwarded) !== undefined) {
    const list = (forwarded ?? '').split(',');
    const client = plainAddress(list[Math.max(0, list.length - fromRight)]?.trim() ?? '');
    if (client !== undefined) return client;
  }
  return plainAddress(address ?? '');
}

/** Milliseconds; of several upstreams in turn the sum, `-` counts nothing. */
function durationOf(values: Values): number {
  const scales = [
    [values['duration-us'], 0.001],
    [values['duration-ms'], 1],
    [values['duration-s'], 1000],
    [values['upstream-s'], 1000],
  ] as const;
  for (const [text, scale] of scales) {
    const parts = (text ?? '').split(/, ?| : /).filter((part) => /^\d{1,12}(?:\.\d{1,9})?$/.test(part));
    if (parts.length === 0) continue;
    const sum = parts.reduce((total, part) => total + Number(part), 0) * scale;
    return Math.min(86_400_000, Math.round(sum * 1000) / 1000);
  }
  return 0;
}

function timeOf(values: Values): number | undefined {
  const clf = values['clf-time'];
  if (clf !== undefined) return clfTime(clf.replace(/^\[|\]$/g, ''));
  if (values['iso-time'] !== undefined) return isoTime(values['iso-time']);
  const epochs = [
    [values['epoch-us'], 0.001],
    [values['epoch-ms'], 1],
    [values['epoch-s'], 1000],
  ] as const;
  for (const [text, scale] of epochs) {
    if (text === undefined) continue;
    if (!/^\d{1,18}(?:\.\d{1,9})?$/.test(text)) return undefined;
    const fraction = scale === 1000 && values.fraction !== undefined ? Number(`0.${values.fraction}`) * 1000 : 0;
    return Math.round(Number(text) * scale + fraction);
  }
  return composed(values);
}

/** From its parts; without a zone UTC. */
function composed({ year, month, day, hour, minute, second, fraction, zone }: Values): number | undefined {
  const number = /^\d+$/.test(month ?? '') ? Number(month) - 1 : monthOf(month ?? '');
  if (year === undefined || number < 0 || number > 11) return undefined;
  const two = (text: string | undefined) => String(Number(text ?? 0)).padStart(2, '0');
  const at = /^[+-]/.test(zone ?? '') ? zone : 'Z';
  return isoTime(
    `${year}-${two(String(number + 1))}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${fraction ?? '0'}${at}`,
  );
}

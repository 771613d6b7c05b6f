/**
 * What a reader makes of one line of a file: a checked request log, or the reason why there is none. Readers are pure
 * and only translate; the contract's own schema checks the result, so that a file is held to the same rules as an SDK.
 */
import { type CheckedLog, type RequestLogInput, requestLogInput } from '@plimsoll/contracts';

export type Reading =
  | {
      log: CheckedLog;
      /** The service that the line names, where its format can. */
      service?: string;
      /** Names of fields that were ignored. */
      unknown?: string[];
    }
  | { reason: string };

export type Reader = (line: string) => Reading;

/** Lengths that the contract allows: what a client made longer is cut, since a long path is a sign, not a fault of the file. */
const longest = { path: 2048, userAgent: 1024, actor: 256 };

/** Checks a draft against the contract. The query is cut off first: its values are never kept, and may be long. */
export function readingOf(draft: { [K in keyof RequestLogInput]?: unknown }): Reading {
  const cut = { ...draft };
  if (typeof cut.path === 'string') cut.path = pathOf(cut.path).slice(0, longest.path);
  if (typeof cut.userAgent === 'string') cut.userAgent = cut.userAgent.slice(0, longest.userAgent);
  if (typeof cut.actor === 'string') cut.actor = cut.actor.slice(0, longest.actor);
  const checked = requestLogInput.safeParse(cut);
  if (checked.success) return { log: checked.data };
  const issue = checked.error.issues[0];
  return { reason: `${issue?.path.join('.') || 'log'}: ${issue?.message ?? 'not as expected'}` };
}

/** The path of a request target (RFC 9112, 3.2): of the absolute form the part after the host; never empty. */
function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0];
  return path || '/';
}

/** An object of a parsed JSON line, or undefined. */
export function jsonObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A field of an unknown value, where it is an object that has it itself. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Text that says something: web servers write `-` or nothing for an absent value. */
export function present(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

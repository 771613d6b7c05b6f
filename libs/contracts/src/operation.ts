/** What the operations of the admin API are made of: the shape of one, and the fields that several share. */
import { z } from 'zod';
import type { AccessActionName } from './access-actions.js';
import type { Danger } from './step-up.js';
import { cleanText } from './text.js';

/** The access policy is asked about `action` before the operation runs; `open` ones need no access token (sign-in, refresh). */
type Gate = { action: AccessActionName; open?: never } | { action: null; open: true };

export type Operation = Gate & {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** OpenAPI form: `/api/alerts/{id}`. */
  path: string;
  summary: string;
  tag:
    | 'session'
    | 'access'
    | 'account'
    | 'members'
    | 'alerts'
    | 'decisions'
    | 'services'
    | 'traffic'
    | 'audit'
    | 'history'
    | 'privacy';
  /** Changes nothing that the audit would tell of: it only looks, or begins what leaves its row when it is done. A refusal leaves its row all the same. */
  quiet?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  response: z.ZodType;
  /** The answer is a stream of this type, each line of it a `response`. */
  streams?: 'application/x-ndjson';
  status: 200 | 201 | 204;
  /** What a call needs beyond being allowed; a function of the checked body. Absent: nothing. */
  danger?: Danger | ((body: never) => Danger);
};
export const operation = <const T extends Operation>(definition: T): T => definition;

export const idParam = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'an id') });
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export const cursorQuery = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
/** What a person wrote, as one line. */
export const personLine = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .transform((text) => cleanText(text.replace(/\s+/g, ' ')));
export const personText = personLine(500);
/** Comma-separated list of enum values in a query: `state=open,acknowledged`. */
export const listOf = <T extends string>(item: z.ZodType<T, string>) =>
  z
    .string()
    .max(400)
    .transform((text) => text.split(','))
    .pipe(z.array(item));

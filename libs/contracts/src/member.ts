/** The people of the installation as owners see them, and what waits for a second person. */
import { z } from 'zod';
import { personAttributesSchema } from './access-request.js';
import { epochMs } from './text.js';
import { personSchema } from './views.js';

export const memberSchema = z.object({
  ...personSchema.shape,
  /** `invited`: has never signed in. */
  state: z.enum(['active', 'invited', 'disabled']),
  /** Which teams and services the person sees, and the groups that own policies speak of. */
  attributes: personAttributesSchema,
  passkeys: z.int(),
  /** Sessions that are open. */
  sessions: z.int(),
  lastUsedAt: epochMs.nullable(),
  createdAt: epochMs,
  /** End of the newest link that can still be used. */
  linkUntil: epochMs.nullable(),
});
export type Member = z.infer<typeof memberSchema>;

/** A one-time link, in this answer only. */
export const memberLinkSchema = z.object({ member: memberSchema, link: z.string(), until: epochMs });
export type MemberLink = z.infer<typeof memberLinkSchema>;

/** A global action that waits for a second owner, or has been answered. */
export const approvalSchema = z.object({
  id: z.string(),
  /** Name of the operation, with what it was called with. */
  operation: z.string(),
  params: z.record(z.string(), z.string()),
  body: z.record(z.string(), z.unknown()),
  askedBy: z.string(),
  askedAt: epochMs,
  /** The one who asks may carry it out, or ask again. */
  own: z.boolean(),
  /** `waiting`: for another owner. `approved`: the one who asked can repeat it now, once. */
  state: z.enum(['waiting', 'approved', 'rejected', 'done']),
  answeredBy: z.string().nullable(),
  until: epochMs,
});
export type Approval = z.infer<typeof approvalSchema>;

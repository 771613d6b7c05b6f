/** The operations of the admin API about the people of the installation; a part of admin-api.ts. */
import { z } from 'zod';
import { openSessionSchema } from './account.js';
import { approvalSchema, memberLinkSchema, memberSchema } from './member.js';
import { idParam, operation, personLine } from './operation.js';
import type { Danger } from './step-up.js';
import { serviceId } from './text.js';
import { type Person, personSchema } from './views.js';

/** From a quarter of an hour to a week. */
const validMinutes = z.int().min(15).max(10_080);

const names = z.array(personLine(60)).max(50);
/** All four or none: who changes them says what holds from then on, and nothing is granted by being left out. */
const attributes = z.strictObject({
  everyTeam: z.boolean(),
  teams: names,
  services: z.array(serviceId).max(50),
  groups: names,
});

/** Who makes an owner makes a second person, whom the first could be: that takes two as well. */
const dangerOfRole = ({ role }: { role?: Person['role'] | undefined }): Danger => (role === 'owner' ? 'two-persons' : 'step-up');
/** An owner of some teams becomes a second person by every team, and who was disabled by being let back in. */
const dangerOfUpdate = ({
  role,
  disabled,
  attributes: after,
}: {
  role?: Person['role'] | undefined;
  disabled?: boolean | undefined;
  attributes?: { everyTeam: boolean } | undefined;
}): Danger => (disabled === false || after?.everyTeam ? 'two-persons' : dangerOfRole({ role }));

export const memberOperations = {
  members: operation({
    action: 'member.read',
    method: 'GET',
    path: '/api/members',
    tag: 'members',
    summary: 'Everybody who may sign in, was invited or is disabled',
    response: z.object({ items: z.array(memberSchema), twoPersons: z.boolean() }),
    status: 200,
  }),
  invite: operation({
    action: 'member.invite',
    method: 'POST',
    path: '/api/members',
    tag: 'members',
    summary: 'Add a person; the link to sign in for the first time is in this answer only',
    body: z.strictObject({
      name: personLine(60),
      role: personSchema.shape.role,
      validMinutes: validMinutes.default(15),
      /** Absent: every team. */
      attributes: attributes.optional(),
    }),
    response: memberLinkSchema,
    status: 201,
    danger: dangerOfRole,
  }),
  updateMember: operation({
    action: 'member.update',
    method: 'PATCH',
    path: '/api/members/{id}',
    tag: 'members',
    summary:
      'Change name, role or the teams that are seen, or disable a person, whose sessions end at once; never the last owner of every team',
    params: idParam,
    body: z.strictObject({
      name: personLine(60).optional(),
      role: personSchema.shape.role.optional(),
      disabled: z.boolean().optional(),
      attributes: attributes.optional(),
    }),
    response: memberSchema,
    status: 200,
    danger: dangerOfUpdate,
  }),
  resetMember: operation({
    action: 'member.reset',
    method: 'POST',
    path: '/api/members/{id}/reset',
    tag: 'members',
    summary: 'A link for somebody who has lost all passkeys: it opens nothing but the making of a new one',
    params: idParam,
    body: z.strictObject({ validMinutes: validMinutes.default(15) }),
    response: memberLinkSchema,
    status: 201,
    // Whoever has the link becomes that person.
    danger: 'two-persons',
  }),
  memberSessions: operation({
    action: 'member.read',
    method: 'GET',
    path: '/api/members/{id}/sessions',
    tag: 'members',
    summary: 'Open sessions of a person',
    params: idParam,
    response: z.object({ items: z.array(openSessionSchema) }),
    status: 200,
  }),
  endMemberSessions: operation({
    action: 'member.end-sessions',
    method: 'DELETE',
    path: '/api/members/{id}/sessions',
    tag: 'members',
    summary: 'End every session of a person',
    params: idParam,
    response: z.null(),
    status: 204,
    danger: 'step-up',
  }),

  requireTwoPersons: operation({
    action: 'two-persons.require',
    method: 'PATCH',
    path: '/api/two-persons',
    tag: 'members',
    summary: 'Whether global actions need a second owner',
    body: z.strictObject({ on: z.boolean() }),
    response: z.object({ on: z.boolean() }),
    status: 200,
    danger: ({ on }: { on: boolean }) => (on ? 'step-up' : 'two-persons'),
  }),
  approvals: operation({
    action: 'approval.read',
    method: 'GET',
    path: '/api/approvals',
    tag: 'members',
    summary: 'Global actions that wait for a second owner, and those answered in the last day',
    response: z.object({ items: z.array(approvalSchema) }),
    status: 200,
  }),
  approve: operation({
    action: 'approval.approve',
    method: 'POST',
    path: '/api/approvals/{id}/approve',
    tag: 'members',
    summary: 'Let another owner carry out a global action, once',
    params: idParam,
    response: approvalSchema,
    status: 200,
    danger: 'step-up',
  }),
  reject: operation({
    action: 'approval.reject',
    method: 'POST',
    path: '/api/approvals/{id}/reject',
    tag: 'members',
    summary: 'Refuse a global action, or take the own one back',
    params: idParam,
    response: approvalSchema,
    status: 200,
  }),
} as const;

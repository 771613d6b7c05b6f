/** The operations of the admin API about the access policy; a part of admin-api.ts. */
import { z } from 'zod';
import { accessRequestSchema } from './access-request.js';
import {
  accessCaseSchema,
  accessPoliciesSchema,
  accessPolicySchema,
  accessPolicyVersionSchema,
  MAX_POLICY_CHARACTERS,
  outcomeSchema,
  policyCheckSchema,
  simulationSchema,
} from './access-views.js';
import { idParam, operation, personLine } from './operation.js';

/** As it was written: a person's layout and comments stay. */
const policyText = z.string().min(1).max(MAX_POLICY_CHARACTERS);
const name = personLine(80);

export const accessOperations = {
  accessPolicies: operation({
    action: 'access-policy.read',
    method: 'GET',
    path: '/api/access-policies',
    tag: 'access',
    summary: 'The policies of the platform and the own ones, the schema they speak of, and the cases that they must keep',
    response: accessPoliciesSchema,
    status: 200,
  }),
  checkAccessPolicy: operation({
    action: 'access-policy.read',
    method: 'POST',
    path: '/api/access-policies/check',
    tag: 'access',
    quiet: true,
    summary: 'What is wrong with a policy, how the formatter writes it, its syntax tree; of a text, or of a tree',
    body: z
      .strictObject({ text: policyText.optional(), json: z.record(z.string(), z.unknown()).optional() })
      .refine(({ text, json }) => (text === undefined) !== (json === undefined), { message: 'either a text or a tree' }),
    response: policyCheckSchema,
    status: 200,
  }),
  simulateAccessPolicy: operation({
    action: 'access-policy.simulate',
    method: 'POST',
    path: '/api/access-policies/simulate',
    tag: 'access',
    quiet: true,
    summary: 'What an edit would change: tried on the last 10,000 decisions and on the cases',
    body: z.strictObject({
      /** Absent: a new policy. */
      id: idParam.shape.id.optional(),
      /** Null: the policy is removed. */
      text: policyText.nullable(),
    }),
    response: simulationSchema,
    status: 200,
  }),
  createAccessPolicy: operation({
    action: 'access-policy.save',
    method: 'POST',
    path: '/api/access-policies',
    tag: 'access',
    summary: 'Add an own policy; refused where it has faults, breaks a case, or would leave nobody able to edit',
    body: z.strictObject({ name, text: policyText }),
    response: accessPolicySchema,
    status: 201,
    danger: 'two-persons',
  }),
  updateAccessPolicy: operation({
    action: 'access-policy.save',
    method: 'PATCH',
    path: '/api/access-policies/{id}',
    tag: 'access',
    summary: 'Change an own policy; refused as a new one is, and where somebody else has changed it meanwhile',
    params: idParam,
    body: z.strictObject({
      name: name.optional(),
      text: policyText.optional(),
      /** The version that was edited. */
      version: z.int().min(1),
    }),
    response: accessPolicySchema,
    status: 200,
    danger: 'two-persons',
  }),
  deleteAccessPolicy: operation({
    action: 'access-policy.save',
    method: 'DELETE',
    path: '/api/access-policies/{id}',
    tag: 'access',
    summary: 'Remove an own policy; its versions are kept',
    params: idParam,
    response: z.null(),
    status: 204,
    danger: 'two-persons',
  }),
  accessPolicyHistory: operation({
    action: 'access-policy.read',
    method: 'GET',
    path: '/api/access-policies/{id}/history',
    tag: 'access',
    summary: 'Every version of an own policy, newest first, also of a removed one',
    params: idParam,
    response: z.object({ items: z.array(accessPolicyVersionSchema) }),
    status: 200,
  }),
  createAccessCase: operation({
    action: 'access-policy.save',
    method: 'POST',
    path: '/api/access-cases',
    tag: 'access',
    summary: 'Keep a case: a request, and whether it must be allowed or denied',
    body: z.strictObject({ name, request: accessRequestSchema, expected: outcomeSchema }),
    response: accessCaseSchema,
    status: 201,
    danger: 'step-up',
  }),
  deleteAccessCase: operation({
    action: 'access-policy.save',
    method: 'DELETE',
    path: '/api/access-cases/{id}',
    tag: 'access',
    summary: 'Forget a case',
    params: idParam,
    response: z.null(),
    status: 204,
    danger: 'step-up',
  }),
} as const;

/**
 * The part of the admin API by which the demo is attacked from the console, to see the product work, and what the console
 * and the process that drives the attack say to each other. Nothing but the demo that runs beside the console can be named.
 */
import { z } from 'zod';
import { idParam, operation } from './operation.js';
import { epochMs } from './text.js';

export const demoAttacks = ['flood', 'brute-force', 'credential-stuffing', 'probing'] as const;
export const demoAttackSchema = z.enum(demoAttacks);
export type DemoAttack = z.infer<typeof demoAttackSchema>;

/** How an attack goes, as its driver counts it. */
export const attackCourseSchema = z.object({
  attack: demoAttackSchema,
  startedAt: epochMs,
  /** How long it is driven, at its own pace, whatever the answers are. */
  seconds: z.int().min(1).max(60),
  /** Null while it goes on. */
  endedAt: epochMs.nullable(),
  sent: z.int(),
  /** Answers by their status. */
  statuses: z.record(z.string().regex(/^\d{3}$/), z.int()),
  /** The first 429 or 403, milliseconds after the first request. */
  firstRefusal: z.object({ status: z.int(), afterMs: z.number() }).nullable(),
});
export type AttackCourse = z.infer<typeof attackCourseSchema>;

/** From the console to the process that started it, over Node's own channel. */
export const attackOrderSchema = z.object({ type: z.literal('attack'), attack: demoAttackSchema });
export type AttackOrder = z.infer<typeof attackOrderSchema>;
/** The answer: each second, and at the end. */
export const attackToldSchema = z.object({ type: z.literal('attack-course'), course: attackCourseSchema });
export type AttackTold = z.infer<typeof attackToldSchema>;

export const demoOperations = {
  demoAttack: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services/{id}/attack',
    tag: 'services',
    summary: 'Attacks that can be driven against this service (of the demo alone there are any), and how the last one goes',
    params: idParam,
    response: z.object({ attacks: z.array(demoAttackSchema), course: attackCourseSchema.nullable() }),
    status: 200,
  }),
  attackDemo: operation({
    action: 'demo.attack',
    method: 'POST',
    path: '/api/services/{id}/attack',
    tag: 'services',
    summary: 'Attack the demo for half a minute, one attack at a time',
    params: idParam,
    body: z.strictObject({ attack: demoAttackSchema }),
    response: attackCourseSchema,
    status: 201,
  }),
} as const;

/**
 * A body that is good by the contract for each operation that changes or asks something, so that a refusal is one of the access
 * policy and not of the form. What everybody may do for oneself (actions of the kind `own`) is not in it.
 */
import type { OperationName } from '@plimsoll/contracts';

/** @param alert id of an alert of that service */
export function goodBodies(service: string, alert: string): Partial<Record<OperationName, unknown>> {
  const policy = 'forbid (principal, action == Action::"decision.lift", resource) when { principal.role == "nobody" };';
  const request = { principal: { id: 'x', role: 'nobody' }, action: 'decision.lift', resource: { type: 'Decision', service } };
  return {
    acknowledge: {},
    resolve: { verdict: 'false-positive' },
    triage: { act: { type: 'acknowledge' }, alerts: [{ id: alert }] },
    comment: { text: 'seen before' },
    decide: { service, action: 'block', subject: { type: 'actor', id: 'x' }, durationSeconds: 60, reason: 'x' },
    lift: {},
    confirm: {},
    settlePending: { answer: 'dismiss' },
    createService: { id: `${service}-2` },
    updateService: { policy: 'monitor' },
    createKey: { name: 'mine' },
    updateKey: { requireSignedBatches: true },
    rotateKey: { overlapHours: 1 },
    attackDemo: { attack: 'flood' },
    restoreKind: { kind: 'rate' },
    createBacktest: { service, days: 1 },
    harmPreview: { service, would: { type: 'limit', atMost: 5, windowSeconds: 60 } },
    invite: { name: 'Zoe', role: 'viewer' },
    updateMember: { name: 'Zora' },
    resetMember: { validMinutes: 15 },
    requireTwoPersons: { on: false },
    setPseudonyms: { on: false },
    revealActor: { pseudonym: 'anon_0123456789abcdef', reason: 'asked' },
    eraseActor: { actor: 'nobody', reason: 'asked' },
    checkAccessPolicy: { text: policy },
    simulateAccessPolicy: { text: policy },
    createAccessPolicy: { name: 'Nobody lifts', text: policy },
    updateAccessPolicy: { name: 'Nobody', version: 1 },
    createAccessCase: { name: 'Nobody lifts', request: { ...request, context: { time: 1_790_000_040_000 } }, expected: 'deny' },
  };
}

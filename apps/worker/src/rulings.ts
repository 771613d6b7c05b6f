/**
 * From findings to outcomes: reads what stands on their subjects and what these got before, asks `decide` (libs/detection)
 * and, for blocks, how much of the live traffic they would stop. Reads only; what follows is committed with the batch.
 */
import type { EnforceableSubject, RequestLog } from '@plimsoll/contracts';
import { blockRoom, decide, type EvidenceLog, enforceableSubject, type Finding, type Ruling } from '@plimsoll/detection';
import { earlier, heldSubject, type Outcome, readPresent, readStanding, type Standing, standing } from '@plimsoll/storage';
import type { Context } from './context.js';
import type { ServiceRules } from './knowledge.service.js';

/** A finding, and the requests that led to it. */
export interface Found {
  finding: Finding;
  requests: readonly EvidenceLog[];
}
type RulesOf = (service: string) => ServiceRules;

const NOTHING: Standing = { active: [], ended: [] };

/** What follows from the findings of one batch. Rejects where a store is away; nothing has happened then. */
export async function ruleOn(context: Context, found: readonly Found[], rulesOf: RulesOf): Promise<Outcome[]> {
  const now = context.now();
  const known = await standingOf(context, found, rulesOf, now);
  const outcomes = found.map(({ finding, requests }): Outcome => {
    const { policy, settings, dryRun } = rulesOf(finding.service);
    const logs = logsOf(requests);
    const subject = enforceableSubject(finding, logs);
    const on = known.get(finding.service) ?? NOTHING;
    const active = subject && standing(on, subject, finding.endpoint, dryRun);
    const before = subject ? earlier(on, subject, dryRun) : [];
    const ruling = decide(finding, { policy, settings, requests: logs, active, earlier: before, now });
    return { finding, ruling, policy, requests };
  });
  await measure(context, outcomes, rulesOf, now);
  return outcomes;
}

const logsOf = (requests: readonly EvidenceLog[]): RequestLog[] => requests.map(({ log }) => log);

/** What stands on the subjects of findings that may be enforced, and what these got before, by service. */
async function standingOf(
  { db }: Context,
  found: readonly Found[],
  rulesOf: RulesOf,
  now: number,
): Promise<Map<string, Standing>> {
  const subjects = new Map<string, EnforceableSubject[]>();
  for (const { finding, requests } of found) {
    const { service, phase } = finding;
    const silent = phase === 'ended' || rulesOf(service).policy === 'monitor';
    const subject = silent ? undefined : enforceableSubject(finding, logsOf(requests));
    if (subject) subjects.set(service, [...(subjects.get(service) ?? []), subject]);
  }
  const known = new Map<string, Standing>();
  for (const [service, some] of subjects) known.set(service, await readStanding(db, service, some, now));
  return known;
}

const isBlock = (ruling: Ruling): ruling is Ruling & { type: 'create' } =>
  ruling.type === 'create' && ruling.step.action === 'block';

/** Says of each new block how many live sources it may stop, and how many of them policies may. */
async function measure({ redis, env }: Context, outcomes: Outcome[], rulesOf: RulesOf, now: number): Promise<void> {
  const services = new Set(outcomes.filter(({ ruling }) => isBlock(ruling)).map(({ finding }) => finding.service));
  for (const service of services) {
    const blocks = outcomes.filter(({ finding, ruling }) => finding.service === service && isBlock(ruling));
    const held = blocks.map(({ ruling }) => (isBlock(ruling) ? heldSubject(ruling.subject) : undefined));
    const addresses = held.flatMap((subject) => (subject?.type === 'address' ? [subject.id] : []));
    const { live, behind } = await readPresent(redis, env.PLIMSOLL_NAMESPACE, service, now, addresses);
    const room = blockRoom(live, rulesOf(service).settings.maxShare);
    // An office stands behind one address: blocking that stops all who were seen there.
    blocks.forEach((outcome, index) => {
      const subject = held[index];
      outcome.reach = { weight: Math.max(1, subject?.type === 'address' ? (behind.get(subject.id) ?? 1) : 1), room };
    });
  }
}

/**
 * The access policy of this process: the platform's policies and the customer's own, as of the last second at most; one answer
 * to each question, counted, and a fault in the log at the level of an alarm. What people see in lists and on the live channel
 * is asked once a class and second, so that a page of a hundred alerts costs a few decisions; a change is always asked anew, with the circumstances of its own call.
 */
import { validate } from '@cedar-policy/cedar-wasm/nodejs';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type AccessPolicyView, type AccessResource, accessActionNames, accessActionOf } from '@plimsoll/contracts';
import { listPolicies, policySetVersion } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { OwnRisk } from '../watch/own-risk.js';
import { type Asker, requestOf } from './asker.js';
import type { PolicyTexts, Verdict } from './cedar.js';
import { accessSchema } from './cedar-schema.js';
import { mendingPolicies, platformPolicies } from './platform-policies.js';
import { Recorder } from './recorder.js';
import { RememberingSet } from './remembering-set.js';
import type { Question } from './resources.js';

/** What is seen, and the set itself, may be this old: milliseconds. */
const FRESH_MS = 1_000;
/** Beyond it the oldest answers go; they are asked again. */
const MAX_SEEN = 20_000;

/** All policies by id; the own ones are told by their prefix. */
export const withOwn = (own: readonly Pick<AccessPolicyView, 'id' | 'text'>[]): PolicyTexts => ({
  ...platformPolicies,
  ...Object.fromEntries(own.map(({ id, text }) => [`own.${id}`, text])),
});

@Injectable()
export class AccessPolicy implements OnModuleDestroy {
  readonly counts = { asked: 0, denied: 0, faults: 0, dropped: 0 };
  /** False: the own policies could not be loaded. */
  sound = true;
  private set = RememberingSet.of(platformPolicies);
  private version = 0;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private checking: Promise<void> | undefined;
  private readonly seen = new Map<string, { at: number; allowed: boolean }>();

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly recorder: Recorder,
    private readonly risks: OwnRisk,
  ) {}

  onModuleDestroy(): void {
    this.set.release();
  }

  /** To be awaited before questions. @throws where the database is away: what is not known to hold is not used. */
  async refresh(): Promise<void> {
    const age = this.context.now() - this.checkedAt;
    if (age >= 0 && age < FRESH_MS) return;
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    await this.checking;
  }

  /** The set has changed, or what it knows of persons: nothing of before is good any more. */
  forget(): void {
    this.checkedAt = Number.NEGATIVE_INFINITY;
    this.seen.clear();
  }

  /** Never throws: what cannot be decided is denied. */
  decide(asker: Asker, question: Question): Verdict {
    const request = requestOf(asker, question, this.risks.of(asker), this.context.now());
    const verdict = this.set.decide(request);
    this.counts.asked += 1;
    if (!verdict.allowed) this.counts.denied += 1;
    if (verdict.fault !== undefined) {
      this.counts.faults += 1;
      const { action, resource } = question;
      this.context.log.error({ action, resource, fault: verdict.fault }, 'the access policy failed: denied');
    } else this.recorder.record({ request, person: asker.person.name, outcome: verdict.allowed ? 'allow' : 'deny' });
    return verdict;
  }

  /** As {@link decide}, for reading alone: an answer of the last second is good enough. */
  sees(asker: Asker, question: Question): boolean {
    const now = this.context.now();
    const key = JSON.stringify([asker.sessionId, asker.address, question.action, question.resource]);
    const known = this.seen.get(key);
    if (known !== undefined && now >= known.at && now - known.at < FRESH_MS) return known.allowed;
    const { allowed } = this.decide(asker, question);
    this.seen.delete(key);
    this.seen.set(key, { at: now, allowed });
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MAX_SEEN) break;
      this.seen.delete(oldest);
      this.counts.dropped += 1;
    }
    return allowed;
  }

  /** Whether the asker may know that there is such a thing: it sees the service, and what of its kind is there. */
  knows(asker: Asker, resource: AccessResource): boolean {
    const readings = accessActionNames.filter((name) => {
      const { on, kind } = accessActionOf(name);
      return on === resource.type && kind === 'read';
    });
    return readings.some((action) => this.sees(asker, { action, resource }));
  }

  /** Whether something would be allowed if presence were proved just now: what the console offers. */
  offers(asker: Asker, question: Question): boolean {
    const now = this.context.now();
    const request = requestOf({ ...asker, steppedUpAt: now, acr: 'aal2' }, question, this.risks.of(asker), now);
    return this.set.decide(request).allowed;
  }

  /** The risk but for which something that is denied would be allowed; undefined where it is denied for another reason. */
  riskAgainst(asker: Asker, question: Question): number | undefined {
    const risk = this.risks.of(asker);
    if (risk === 0) return undefined;
    return this.set.decide(requestOf(asker, question, 0, this.context.now())).allowed ? risk : undefined;
  }

  private async check(): Promise<void> {
    const { db, now } = this.context;
    const at = now();
    const version = await policySetVersion(db);
    if (version !== this.version) this.load(await listPolicies(db), version);
    this.checkedAt = at;
  }

  private load(own: readonly AccessPolicyView[], version: number): void {
    const before = this.set;
    try {
      const policies = withOwn(own);
      const checked = validate({ schema: accessSchema, policies: { staticPolicies: { ...policies } } });
      if (checked.type === 'failure' || checked.validationErrors.length > 0) throw new Error('they do not fit the schema');
      this.set = RememberingSet.of(policies);
      this.sound = true;
    } catch (err) {
      this.set = RememberingSet.of({ ...platformPolicies, ...mendingPolicies });
      this.sound = false;
      this.counts.faults += 1;
      this.context.log.error({ err, version }, 'the own access policies cannot be used: only owners get in, to mend them');
    }
    before.release();
    this.version = version;
    this.seen.clear();
  }
}

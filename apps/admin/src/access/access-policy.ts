/**
 * The access policy of this process: one answer to each question, counted, and a fault in the log at the level of an
 * alarm. What people see in lists and on the live channel is asked once a class and second, so that a page of a hundred
 * alerts costs a few decisions; a change is always decided on anew.
 */
import { Injectable } from '@nestjs/common';
import { type Context, InjectContext } from '../context.js';
import { type Asker, requestOf } from './asker.js';
import { PolicySet, type Verdict } from './cedar.js';
import { platformPolicies } from './platform-policies.js';
import type { Question } from './resources.js';

/** What is seen may be this old: milliseconds. */
const SEEN_MS = 1_000;
/** Beyond it the oldest answers go; they are asked again. */
const MAX_SEEN = 20_000;

@Injectable()
export class AccessPolicy {
  readonly counts = { asked: 0, denied: 0, faults: 0, dropped: 0 };
  private readonly set = PolicySet.of(platformPolicies);
  private readonly seen = new Map<string, { at: number; allowed: boolean }>();

  constructor(@InjectContext() private readonly context: Context) {}

  /** Never throws: what cannot be decided is denied. */
  decide(asker: Asker, question: Question): Verdict {
    const verdict = this.set.decide(requestOf(asker, question, 0, this.context.now()));
    this.counts.asked += 1;
    if (!verdict.allowed) this.counts.denied += 1;
    if (verdict.fault !== undefined) {
      this.counts.faults += 1;
      const { action, resource } = question;
      this.context.log.error({ action, resource, fault: verdict.fault }, 'the access policy failed: denied');
    }
    return verdict;
  }

  /** As {@link decide}, for reading alone: an answer of the last second is good enough. */
  sees(asker: Asker, question: Question): boolean {
    const now = this.context.now();
    const key = JSON.stringify([asker.sessionId, asker.address, question.action, question.resource]);
    const known = this.seen.get(key);
    if (known !== undefined && now >= known.at && now - known.at < SEEN_MS) return known.allowed;
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
}

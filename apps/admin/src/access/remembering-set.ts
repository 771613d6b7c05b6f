/**
 * A set of policies that remembers what it answered: a session asks the same questions over and over, and to policies that do not
 * speak of the time each of them is one. What it remembers goes with the set. Failures are not remembered, nor is a request asked
 * from memory that the engine could not read.
 */
import { isIP } from 'node:net';
import type { AccessRequest } from '@plimsoll/contracts';
import { PolicySet, type PolicyTexts, type Verdict } from './cedar.js';
import { likeness, spokenOf } from './likeness.js';

/** Some megabytes; beyond it the longest unasked go. */
const MAX_REMEMBERED = 5_000;

export class RememberingSet {
  private readonly remembered = new Map<string, Verdict>();

  private constructor(
    private readonly set: PolicySet,
    private readonly spoken: ReadonlySet<string>,
  ) {}

  /** @throws as {@link PolicySet.of}. */
  static of(policies: PolicyTexts): RememberingSet {
    return new RememberingSet(PolicySet.of(policies), spokenOf(policies));
  }

  release(): void {
    this.set.release();
  }

  decide(request: AccessRequest): Verdict {
    if (isIP(request.context.address) === 0) return this.set.decide(request);
    const key = likeness(request, this.spoken);
    const known = this.remembered.get(key);
    const verdict = known ?? this.set.decide(request);
    if (verdict.fault !== undefined) return verdict;
    this.remembered.delete(key);
    this.remembered.set(key, verdict);
    if (this.remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.remembered.keys();
      this.remembered.delete(oldest ?? '');
    }
    return verdict;
  }
}

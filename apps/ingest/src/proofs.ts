/**
 * What follows from a host's word that its user has proved itself: the proof is taken in one transaction, then bouncers hear
 * of what was lifted, and pages of what was labelled. A key may send a few a second; what they can do is bounded by storage.
 */
import type { LiveMessage, Proof, ProofAnswer } from '@plimsoll/contracts';
import type { ProofOutcome, ProofReport } from '@plimsoll/storage';
import type { Logger } from 'pino';
import { ProblemError } from './problem.js';
import { RateLimit } from './rate-limit.js';

/** People who prove themselves to one service, at a time of an attack too. */
const PER_KEY = { perSecond: 10, burst: 100 };

export interface ProofEdges {
  take: (report: ProofReport) => Promise<ProofOutcome>;
  announce: (service: string, version: number) => Promise<void>;
  announceRisks: (service: string) => Promise<void>;
  publish: (message: LiveMessage) => Promise<void>;
  now: () => number;
  onDrop: () => void;
  log: Logger;
}

export class Proofs {
  readonly #rate: RateLimit;

  constructor(private readonly edges: ProofEdges) {
    this.#rate = new RateLimit({ ...PER_KEY, onDrop: edges.onDrop });
  }

  /**
   * @param from whose API key it came with, and from where.
   * @throws ProblemError `too-many-requests`, or `unavailable` without the database.
   */
  async take(proof: Proof, from: { service: string; key: string; address: string }): Promise<ProofAnswer> {
    const now = this.edges.now();
    const waitMs = this.#rate.waitMs(from.key, now);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new ProblemError('too-many-requests', 'This key reports more proofs than it may', { retryAfterSeconds });
    }
    this.#rate.charge(from.key, 1, now);
    const outcome = await this.edges.take({ ...proof, ...from });
    const none = { lifted: 0, alerts: 0, feedVersion: outcome.feedVersion };
    if (outcome.type !== 'taken') return { ...none, outcome: outcome.type };
    await this.#tell(from.service, outcome);
    return { ...none, outcome: 'taken', lifted: outcome.decisions.length, alerts: outcome.alerts.length };
  }

  /** Bouncers first. With Redis away both find out by themselves within seconds. */
  async #tell(service: string, { decisions, alerts, feedVersion }: ProofOutcome & { type: 'taken' }): Promise<void> {
    try {
      if (decisions.length > 0) await this.edges.announce(service, feedVersion);
      if (alerts.length > 0) await this.edges.announceRisks(service);
      for (const decision of decisions) await this.edges.publish({ type: 'decision', decision });
      for (const alert of alerts) await this.edges.publish({ type: 'alert', alert });
    } catch (err) {
      this.edges.log.warn({ err, service }, 'a proof was not announced');
    }
  }
}

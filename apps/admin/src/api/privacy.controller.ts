/** Privacy of the watched: the setting of pseudonyms, the id behind one, and the erasure of an actor. Each is in the audit, with why. */
import { Controller } from '@nestjs/common';
import { actorsBehind, createErasure, listErasures, publishLive, setPseudonyms } from '@plimsoll/storage';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { Pseudonyms } from '../privacy/pseudonyms.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** Of one person in an hour: who needs more should switch pseudonyms off, by the deed that this is. */
const REVEALED = { size: 60, windowMs: 3_600_000 };

@Controller()
export class PrivacyController {
  private readonly revealed = new Budget(REVEALED.size, REVEALED.windowMs);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  @Implements('privacy')
  async privacy(): AnswerOf<'privacy'> {
    return { pseudonyms: await this.pseudonyms.shown() };
  }

  @Implements('setPseudonyms')
  async setPseudonyms(
    @Input() { body: { on } }: InputOf<'setPseudonyms'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'setPseudonyms'> {
    const answer = await change(
      this.context,
      caller,
      async (tx) => {
        await setPseudonyms(tx, on);
        return { pseudonyms: on };
      },
      () => ({ action: 'privacy.set', object: 'pseudonyms', detail: { on } }),
    );
    this.pseudonyms.forget();
    const { redis, env, log } = this.context;
    // Where Redis is away, others see it within the second by themselves.
    await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'privacy-changed' }).catch((err: unknown) =>
      log.warn({ err }, 'a change of privacy was not told'),
    );
    return answer;
  }

  @Implements('revealActor')
  async reveal(@Input() { body }: InputOf<'revealActor'>, @CallerOf() caller: Caller): AnswerOf<'revealActor'> {
    const { pseudonym, reason } = body;
    const retryAfterSeconds = this.revealed.take(caller.person.id, this.context.now());
    if (retryAfterSeconds > 0)
      throw new ProblemError('too-many-requests', 'So many revealed within an hour.', { retryAfterSeconds });
    return change(
      this.context,
      caller,
      async (tx) => {
        const id = (await actorsBehind(tx, [pseudonym])).get(pseudonym);
        if (id === undefined) throw new ProblemError('not-found', 'Nobody was shown under this pseudonym.');
        return { id };
      },
      // The row names the actor by its reference alone, which an erasure makes void.
      ({ id }) => ({ action: 'actor.reveal', object: pseudonym, about: { type: 'actor', id }, detail: {}, reason }),
    );
  }

  /** The workers do it, each in its shards: the answer is the order, the list has the report. */
  @Implements('eraseActor')
  async erase(@Input() { body }: InputOf<'eraseActor'>, @CallerOf() caller: Caller): AnswerOf<'eraseActor'> {
    const { actor, reason } = body;
    const pseudonym = await this.pseudonyms.of(actor);
    return change(
      this.context,
      caller,
      (tx, at) => createErasure(tx, { actor, pseudonym, by: caller.person.name, reason }, at),
      // The reference that this row has of the actor becomes void at the end of it.
      ({ id }) => ({ action: 'actor.erase', object: id, about: { type: 'actor', id: actor }, detail: { pseudonym }, reason }),
    );
  }

  @Implements('erasures')
  async erasures(): AnswerOf<'erasures'> {
    return { items: await listErasures(this.context.db) };
  }
}

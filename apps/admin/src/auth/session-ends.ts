/** Tells every process that sessions have ended or changed, so that none goes by what it remembers. A lost message costs five seconds. */
import { Injectable } from '@nestjs/common';
import { publishLive } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { SessionCache } from './session-cache.js';

@Injectable()
export class SessionEnds {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly sessions: SessionCache,
  ) {}

  /** Live connections of these sessions are cut; one whose session lives on comes back by itself. */
  async announce(sessionIds: readonly string[]): Promise<void> {
    const { redis, env, log } = this.context;
    for (const id of sessionIds) this.sessions.forget(id);
    try {
      for (const sessionId of sessionIds)
        await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'session-revoked', sessionId });
    } catch (err) {
      log.warn({ err, sessions: sessionIds.length }, 'end of sessions not announced');
    }
  }
}

/**
 * Tells every process that access policies, or what they know of a person, have changed: nothing that was remembered is good any more,
 * and open sockets are looked at again. A lost message costs a second for policies and five for persons (auth/session-cache.ts).
 */
import { Injectable } from '@nestjs/common';
import { publishLive } from '@plimsoll/storage';
import { SessionCache } from '../auth/session-cache.js';
import { type Context, InjectContext } from '../context.js';
import { AccessPolicy } from './access-policy.js';

@Injectable()
export class AccessNews {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly policy: AccessPolicy,
    private readonly sessions: SessionCache,
  ) {}

  /** After the change is committed. */
  async announce(): Promise<void> {
    const { redis, env, log } = this.context;
    this.policy.forget();
    this.sessions.forgetAll();
    try {
      await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'access-changed' });
    } catch (err) {
      log.warn({ err }, 'a change of access was not announced: other processes see it within seconds');
    }
  }
}

/**
 * Tells of decisions that have changed: bouncers first, then pages. The change stands either way: with Redis away they find
 * out by themselves within seconds.
 */
import type { Decision } from '@plimsoll/contracts';
import { announceFeed, publishLive } from '@plimsoll/storage';
import type { Context } from '../context.js';

/** @param version the newest of the service, where that is not one of these decisions'. */
export async function publishDecisions(
  { redis, env, log }: Context,
  service: string,
  decisions: readonly Decision[],
  version = 0,
): Promise<void> {
  const newest = Math.max(version, ...decisions.map((decision) => decision.version));
  if (newest === 0) return;
  try {
    await announceFeed(redis, env.PLIMSOLL_NAMESPACE, service, newest);
    for (const decision of decisions) await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'decision', decision });
  } catch (err) {
    log.warn({ err, service, version: newest }, 'decisions not announced');
  }
}

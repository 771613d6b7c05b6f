/**
 * The live channel over Redis: what workers and admin processes have done, for every gateway. A message may be lost; the
 * gateways' pages then refetch, so that nothing depends on one.
 */
import type { LiveMessage } from '@plimsoll/contracts';
import type { Redis } from 'ioredis';
import { announce, listen } from './channel.js';

const channelOf = (namespace: string) => `${namespace}:live`;

export async function publishLive(redis: Redis, namespace: string, message: LiveMessage): Promise<void> {
  await announce(redis, channelOf(namespace), message);
}

/**
 * @param redis a connection that only subscribes
 * @returns a function that ends the subscription
 */
export async function subscribeLive(
  redis: Redis,
  namespace: string,
  handler: (message: LiveMessage) => void,
): Promise<() => Promise<void>> {
  return listen(redis, channelOf(namespace), (message) => {
    if (typeof message === 'object' && message !== null && 'type' in message) handler(message as LiveMessage);
  });
}

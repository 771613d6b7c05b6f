/** Messages between our processes over Redis pub/sub: JSON, at most once, and nobody's input: what does not parse is dropped. */
import type { Redis } from 'ioredis';

/** Publishes to whoever listens now. */
export async function announce(redis: Redis, channel: string, message: unknown): Promise<void> {
  await redis.publish(channel, JSON.stringify(message));
}

/**
 * Calls `handler` for each message. `redis` must be a connection for subscriptions; it subscribes again by itself after
 * a reconnect. What is published meanwhile is lost.
 *
 * @returns a function that ends the subscription.
 */
export async function listen(redis: Redis, channel: string, handler: (message: unknown) => void): Promise<() => Promise<void>> {
  const onMessage = (from: string, text: string) => {
    if (from !== channel) return;
    const message = parse(text);
    if (message !== undefined) handler(message);
  };
  redis.on('message', onMessage);
  await redis.subscribe(channel);
  return async () => {
    redis.off('message', onMessage);
    await redis.unsubscribe(channel);
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

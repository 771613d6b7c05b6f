import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MemoryBudget, readBody } from './body.js';

/** A request whose body comes when the test says so. */
function request(headers: Record<string, string> = {}): IncomingMessage {
  const raw = new IncomingMessage(new Socket());
  Object.assign(raw.headers, headers);
  return raw;
}
const end = (raw: IncomingMessage) => {
  raw.complete = true;
  raw.push(null);
};

describe('the memory budget', () => {
  it('is shared: a body that does not fit is refused, and fits once another is done', async () => {
    const budget = new MemoryBudget(1_000);
    const [first, second, third] = [budget.share(), budget.share(), budget.share()];
    const held = request();
    const reading = readBody(held, first);
    held.push(Buffer.alloc(600));
    await new Promise(setImmediate);
    const refused = request();
    const refusal = readBody(refused, second);
    refused.push(Buffer.alloc(600));
    await expect(refusal).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    second.release();
    end(held);
    expect((await reading).length).toBe(600);
    expect(budget.heldBytes).toBe(600);
    first.release();
    expect(budget.heldBytes).toBe(0);
    const later = request();
    const taken = readBody(later, third);
    later.push(Buffer.alloc(600));
    end(later);
    expect((await taken).length).toBe(600);
  });

  it('counts what a share holds once, however often it says so', () => {
    const budget = new MemoryBudget(1_000);
    const share = budget.share();
    for (const bytes of [100, 900, 300, 1_000]) share.hold(bytes);
    expect(budget.heldBytes).toBe(1_000);
    expect(() => share.hold(1_001)).toThrow('Too many bodies');
    share.release();
    share.release();
    expect(budget.heldBytes).toBe(0);
  });
});

describe('a body', () => {
  it('that ends early is a fault of the client', async () => {
    const raw = request();
    const reading = readBody(raw, new MemoryBudget().share());
    raw.push(Buffer.from('{'));
    raw.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('that says it is too large is not read', async () => {
    const raw = request({ 'content-length': String(9 * 1024 * 1024) });
    await expect(readBody(raw, new MemoryBudget().share())).rejects.toMatchObject({ code: 'too-large' });
    expect(raw.listenerCount('data')).toBe(0);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttackTold, attackToldSchema } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttackDesk } from './attack-desk.js';

let seen = 0;
const shop = createServer((_request, response) => {
  seen += 1;
  response.writeHead(seen > 3 ? 403 : 401).end();
});
beforeAll(async () => {
  await once(shop.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => shop.close());
const desk = (seconds: number) =>
  new AttackDesk(new URL(`http://127.0.0.1:${(shop.address() as AddressInfo).port}`), () => 1_000, seconds);

describe('the desk where the console orders attacks', () => {
  it('drives one at a time, and tells each second and at the end how it went', async () => {
    const told: AttackTold[] = [];
    const attacks = desk(2);
    await new Promise<void>((resolve) => {
      const answer = (message: AttackTold) => {
        told.push(attackToldSchema.parse(message));
        if (message.course.endedAt !== null) resolve();
      };
      attacks.take({ type: 'attack', attack: 'credential-stuffing' }, answer);
      attacks.take({ type: 'attack', attack: 'flood' }, answer);
    });
    expect(new Set(told.map(({ course }) => course.attack))).toEqual(new Set(['credential-stuffing']));
    expect(told.map(({ course }) => course.endedAt === null)).toEqual([true, true, false]);
    const last = told.at(-1)?.course;
    expect(last).toMatchObject({ startedAt: 1_000, seconds: 2, sent: seen, firstRefusal: { status: 403 } });
    expect(last?.statuses).toEqual({ 401: 3, 403: seen - 3 });
  });

  it('hears nothing but its own orders, and ends when it is told to', async () => {
    const attacks = desk(60);
    const before = seen;
    for (const message of [null, 'attack', { type: 'attack', attack: 'rm -rf' }, { type: 'ready' }])
      attacks.take(message, () => expect.unreachable());
    const ended = new Promise<AttackTold>((resolve) => {
      attacks.take({ type: 'attack', attack: 'probing' }, (told) => told.course.endedAt !== null && resolve(told));
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    attacks.stop();
    const { course } = await ended;
    expect(course.sent).toBe(seen - before);
    expect(course.sent).toBeLessThan(60);
  });
});

/** Sizes of answers on their way to everyone: told by the hour, and not lost to a restart within one. */
import { expect, it } from 'vitest';
import { Model } from '../index.js';
import { request, step } from '../model.fixture.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5, 12);

const answer = (model: Model, ts: number, actor: string, bytesOut: number) =>
  step(model, request(ts, { actor, bytesOut, method: 'POST' }), 'POST /exports');
/** What the model tells of sizes when its clock comes to `ts`. */
function told(model: Model, ts: number) {
  model.settle(ts);
  const contributions = model.takeContributions().flatMap((one) => (one.entity === 'endpoint' ? (one.measures ?? []) : []));
  return contributions.filter(({ measure }) => measure === 'size');
}
function restarted(model: Model): Model {
  const next = new Model();
  next.restore(model.takeChanges().puts);
  expect(next.unreadable).toBe(0);
  return next;
}

it('what an hour has brought is told when it is over, once, and as without a restart', () => {
  const [live, stored] = [new Model(), new Model()].map((model) => {
    for (let minute = 0; minute < 40; minute += 10) {
      answer(model, START + minute * 60_000, `user-${minute}`, 1_000 + minute);
      expect(told(model, START + minute * 60_000)).toEqual([]);
    }
    return model;
  }) as [Model, Model];
  const again = restarted(stored);
  for (const model of [live, again]) answer(model, START + HOUR / 1.2, 'user-50', 5_000);
  expect(told(again, START + HOUR - 1)).toEqual([]);
  const whole = told(live, START + HOUR);
  expect(whole).toMatchObject([{ blocks: 5 }]);
  expect(told(again, START + HOUR)).toEqual(whole);
  expect(told(restarted(again), START + 2 * HOUR)).toEqual([]);
});

it('reads no sizes of another version', () => {
  const model = new Model();
  const state = new TextEncoder().encode('\u0001["a"]');
  model.restore([
    ['x["shop","POST /exports"]', state],
    ['x["shop"]', state],
  ]);
  expect(model.unreadable).toBe(2);
});

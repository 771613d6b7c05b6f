import type { FeedDecision } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { DecisionStore } from './decision-store.js';
import { DecisionTexts } from './decision-texts.js';

const OPTIONS = { tat: 0, mark: 0 };
const text = fc.oneof(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }));
const anyDecision = fc
  .record({
    id: fc.oneof(
      text,
      fc.base64String({ minLength: 16, maxLength: 16 }).map((one) => `dec_${one.replace(/[+/=]/g, '_')}`),
    ),
    version: fc.nat(),
    action: fc.constantFrom('block' as const, 'challenge' as const, 'throttle' as const),
    type: fc.constantFrom('actor' as const, 'credential' as const, 'address' as const),
    subject: fc.oneof(fc.constantFrom('a', 'b', '__proto__'), text),
    endpoint: fc.constantFrom(null, 'GET /a', 'POST /b/:id'),
    reason: fc.oneof(fc.constant(''), text),
    until: fc.nat(),
    requests: fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  })
  .map(
    ({ type, subject, requests, ...rest }): FeedDecision => ({
      ...rest,
      subject: { type, id: subject },
      rate: rest.action === 'throttle' ? { requests, windowSeconds: 60 } : null,
    }),
  );

describe('the store of decisions', () => {
  it('equals a map of objects, whatever is added, replaced and removed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyDecision, fc.nat(3)), { maxLength: 120 }), (steps) => {
        const store = new DecisionStore();
        const model = new Map<string, FeedDecision>();
        for (const [one, step] of steps) {
          const slot = store.find(one.id);
          expect(slot >= 0).toBe(model.has(one.id));
          if (slot >= 0) store.remove(slot);
          model.delete(one.id);
          if (step === 0) continue;
          store.add(one, one.subject.id, OPTIONS);
          model.set(one.id, one);
        }
        expect(store.size).toBe(model.size);
        for (const [id, one] of model) {
          expect(store.read(store.find(id))).toEqual(one);
          const found: string[] = [];
          store.each(one.subject.type, one.subject.id, (slot) => found.push(store.read(slot).id));
          const same = [...model.values()].filter(
            ({ subject }) => subject.type === one.subject.type && subject.id === one.subject.id,
          );
          expect(found.sort()).toEqual(same.map((other) => other.id).sort());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives the room of the oldest throttle first, then of the oldest challenge, then of the oldest block', () => {
    const store = new DecisionStore();
    const made = ['block', 'throttle', 'challenge', 'block', 'throttle'].map((action, index) =>
      decision({
        id: `${index}`,
        action: action as 'block',
        rate: action === 'throttle' ? { requests: 1, windowSeconds: 1 } : null,
      }),
    );
    for (const one of made) store.add(one, 'x', OPTIONS);
    const order: string[] = [];
    for (let slot = store.expendable(); slot >= 0; slot = store.expendable()) {
      order.push(store.read(slot).id);
      store.remove(slot);
    }
    expect([order, store.size, store.has('actor')]).toEqual([['1', '4', '2', '0', '3'], 0, false]);
  });

  it('keeps its texts together while decisions come and go for long', () => {
    const at = new Map<number, number>();
    const texts = new DecisionTexts((slot, from, to) => {
      expect(at.get(slot)).toBe(from);
      at.set(slot, to);
    });
    const one = (slot: number) => ({ id: `id-${slot}`, subject: `user-${slot}`, reason: 'r'.repeat(slot % 200), rate: null });
    for (let round = 0; round < 60; round += 1) {
      for (let slot = 0; slot < 2_000; slot += 1) {
        // The first tenth stays for good, in every segment that it was written to.
        const kept = at.get(slot);
        if (kept !== undefined && (slot % 10 === 0 || round % 7 === slot % 7)) continue;
        if (kept !== undefined) texts.free(kept);
        at.set(slot, texts.write(slot, one(slot)));
      }
    }
    expect(texts.sizeBytes).toBeLessThan(1.5 * texts.liveBytes + 4 * 2 ** 18);
    for (const [slot, where] of at) {
      expect(texts.read(where)).toEqual(one(slot));
      expect([texts.isSubject(where, `user-${slot}`), texts.isSubject(where, `user-${slot}x`)]).toEqual([true, false]);
    }
  });
});

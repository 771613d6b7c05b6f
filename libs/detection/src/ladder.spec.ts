import { DEFAULT_LADDER, type Step } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { blockRoom, capped, farthest, nextStep } from './ladder.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const throttle = (seconds: number): Step => ({ action: 'throttle', seconds });
const block = (seconds: number): Step => ({ action: 'block', seconds });
const steps: [Step, ...Step[]] = [throttle(60), throttle(600), block(600), block(3600)];
const held = (step: Step, forMs: number, requests = 20, refused = 10) => ({
  held: { step, forMs, requests, refused },
  opened: false,
});

describe('the next step', () => {
  it('is the first one for who is new here', () => {
    expect(nextStep(steps, { opened: true })).toEqual(throttle(60));
    expect(nextStep(steps, { opened: false })).toEqual(throttle(60));
  });
  it.each([
    ['goes on against a throttle for the whole of it', held(throttle(60), MINUTE), throttle(600)],
    ['is not through with it yet', held(throttle(60), MINUTE - 1), throttle(60)],
    ['keeps to what the throttle gives', held(throttle(60), MINUTE, 20, 9), throttle(60)],
    ['asked too seldom to tell', held(throttle(60), MINUTE, 7, 7), throttle(60)],
    ['is refused already', held(block(600), HOUR), block(600)],
    ['begins again', { earlier: { step: throttle(60), endedMsAgo: 1 }, opened: true }, throttle(600)],
    ['goes on as before', { earlier: { step: throttle(600), endedMsAgo: 1 }, opened: false }, throttle(600)],
    ['comes back after the last step', { earlier: { step: block(3600), endedMsAgo: 1 }, opened: true }, block(3600)],
    ['had more than any step', { earlier: { step: block(9999), endedMsAgo: 1 }, opened: true }, block(9999)],
  ])('for who %s', (_, climb, step) => {
    expect(nextStep(steps, climb)).toEqual(step);
  });
  it('is never milder than the first step of a harsher rule', () => {
    const harsh: [Step, ...Step[]] = [block(600), block(3600)];
    expect(nextStep(harsh, held(throttle(600), 1))).toEqual(block(600));
    expect(nextStep(harsh, { earlier: { step: throttle(60), endedMsAgo: 1 }, opened: true })).toEqual(block(600));
  });
  it('follows on monitoring once that has taken its time', () => {
    const slow: [Step, ...Step[]] = [{ action: 'monitor', seconds: 300 }, throttle(60)];
    expect(nextStep(slow, held({ action: 'monitor', seconds: 300 }, 5 * MINUTE - 1, 0, 0))).toEqual(slow[0]);
    expect(nextStep(slow, held({ action: 'monitor', seconds: 300 }, 5 * MINUTE, 0, 0))).toEqual(throttle(60));
  });
  it('rises to the cap and stays there, whatever the severity', () => {
    for (const { steps: rising } of DEFAULT_LADDER) {
      const climbed: Step[] = [];
      let earlier: { step: Step; endedMsAgo: number } | undefined;
      for (let turn = 0; turn < rising.length + 2; turn += 1) {
        const step = nextStep(rising as [Step, ...Step[]], { earlier, opened: true });
        climbed.push(step);
        earlier = { step, endedMsAgo: 1 };
      }
      expect(climbed).toEqual([...rising, rising.at(-1), rising.at(-1)]);
    }
  });
});

describe('what is remembered', () => {
  it('is a step for an hour at least, and for ten times its length', () => {
    const ended = (step: Step, endedMsAgo: number) => farthest([{ step, endedMsAgo }]);
    expect(ended(throttle(60), HOUR)).toBeDefined();
    expect(ended(throttle(60), HOUR + 1)).toBeUndefined();
    expect(ended(block(3600), 10 * HOUR)).toBeDefined();
    expect(ended(block(3600), 10 * HOUR + 1)).toBeUndefined();
  });
  it('is the farthest one of them', () => {
    const all = [block(600), throttle(900), block(3600), block(600)].map((step) => ({ step, endedMsAgo: 5 }));
    expect(farthest(all)?.step).toEqual(block(3600));
    expect(farthest([])).toBeUndefined();
  });
});

describe('a policy that goes no further than throttles', () => {
  it('makes blocks throttles of the same length', () => {
    expect(capped(steps, 'throttle')).toEqual([throttle(60), throttle(600), throttle(600), throttle(3600)]);
    expect(capped(steps, 'block')).toEqual(steps);
    expect(capped(steps, 'monitor')).toBeUndefined();
    expect(capped([], 'block')).toBeUndefined();
  });
});

describe('room for blocks', () => {
  it('is a share of the live sources, and five at least', () => {
    expect([0, 20, 119, 120, 1_000].map((live) => blockRoom(live, 0.05))).toEqual([5, 5, 5, 6, 50]);
    expect(blockRoom(1_000, 0)).toBe(5);
  });
});

import type { Pipeline } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { flowFacts, receiptLook, receiptText } from './pipeline-words.js';

const pipeline = (part: Partial<Pipeline> = {}): Pipeline => ({
  waiting: 0,
  oldestWaitingMs: 0,
  failed: 0,
  memoryShare: 0,
  missing: 0,
  refused: 0,
  late: 0,
  services: [],
  ...part,
});
const looks = (part: Partial<Pipeline>) => flowFacts(pipeline(part)).map(({ look }) => look);
const service = { id: 'shop', instances: 3, enforcing: 3, behind: 0, vanished: 0, p99Ms: 240 };

describe('the health of the pipeline', () => {
  it('is good while nothing waits, nothing is lost and there is room', () => {
    expect(looks({})).toEqual(['good', 'good', 'good']);
    expect(flowFacts(pipeline()).map(({ value }) => value)).toEqual(['none', 'none', 'no limit set']);
  });
  it.each<[Partial<Pipeline>, string[]]>([
    [{ waiting: 9, oldestWaitingMs: 5_000 }, ['warning', 'good', 'good']],
    [{ waiting: 900, oldestWaitingMs: 60_000 }, ['bad', 'good', 'good']],
    [{ refused: 1 }, ['good', 'warning', 'good']],
    [{ missing: 1 }, ['good', 'bad', 'good']],
    [{ failed: 1 }, ['good', 'bad', 'good']],
    [{ late: 5 }, ['good', 'good', 'good']],
    [{ memoryShare: 0.6 }, ['good', 'good', 'warning']],
    [{ memoryShare: 0.8 }, ['good', 'good', 'bad']],
  ])('%o', (part, expected) => expect(looks(part)).toEqual(expected));
  it('says of each what it means', () => {
    for (const { help } of flowFacts(pipeline())) expect(help).toMatch(/^[A-Z].{80,}\.$/);
  });
  it('says how far the newest decision has come', () => {
    expect(receiptText(service)).toBe('3 of 3 enforce the newest decision, within 240 ms');
    const worse = { ...service, enforcing: 1, behind: 1, vanished: 1, p99Ms: null };
    expect(receiptText(worse)).toBe('1 of 3 enforce the newest decision, 1 behind, 1 not heard of');
    expect([receiptLook(service), receiptLook({ ...service, behind: 1 }), receiptLook(worse)]).toEqual([
      'good',
      'warning',
      'bad',
    ]);
  });
});

/** When an open finding ends; what opens and repeats one is in model.spec.ts. */
import { expect, it } from 'vitest';
import { makeFinding } from '../../../test/setup/findings.js';
import { CALM_MS } from './constants.js';
import { Episodes } from './episodes.js';

const NOW = 1_790_000_000_000;
const BEHIND = 13 * 60_000;

it('goes on while a sender catches up and pauses, and ends once nothing more is seen', () => {
  const episodes = new Episodes();
  const finding = makeFinding({ ts: NOW - BEHIND });
  episodes.settle(NOW);
  episodes.settle(NOW - BEHIND);
  episodes.note('key', NOW - BEHIND, 1, finding, false);
  expect(episodes.settle(NOW + 3_000)).toEqual([]);
  expect(episodes.settle(NOW + CALM_MS)).toEqual([]);
  expect(episodes.settle(NOW + CALM_MS + 4_000)).toMatchObject([{ phase: 'ended', ts: NOW - BEHIND + CALM_MS }]);
});

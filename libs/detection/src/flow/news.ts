/**
 * The first time ever that somebody goes without a step on money or access. It is told a few seconds later, when the log of
 * that step cannot come any more, and to everyone's customs at once: so that what breaks for all is told of a few alone.
 */
import { MAX_AWAITED, NEWS_AFTER_SECONDS } from './constants.js';
import type { Awaited, Step, Track } from './track.js';

/** A clock behind by more than this was put right: what waits for it is not told. */
const CLOCK_BACK_SECONDS = 3600;

export interface Due {
  track: Track;
  step: Step;
  awaited: Awaited;
}

const NOTHING: readonly Due[] = [];

export class News {
  readonly #waiting = new Set<Track>();

  await(track: Track, step: Step, awaited: Awaited): void {
    if (this.#waiting.size >= MAX_AWAITED && !this.#waiting.has(track)) return;
    step.awaited = awaited;
    this.#waiting.add(track);
  }

  /** A stored track is back. */
  restore(track: Track): void {
    if (track.steps.some(({ awaited }) => awaited)) this.#waiting.add(track);
  }

  /** The step that was missing was overtaken by the one that needs it: nothing was skipped. */
  arrive(track: Track, print: number, second: number): void {
    if (!this.#waiting.has(track)) return;
    for (const step of track.steps) {
      if (step.awaited?.missing !== print || second > step.awaited.second) continue;
      step.awaited = undefined;
      step.skips = Math.max(0, step.skips - 1);
      step.withheld = undefined;
    }
  }

  /** What is to be told by now, each once. */
  due(second: number): readonly Due[] {
    if (this.#waiting.size === 0) return NOTHING;
    const due: Due[] = [];
    for (const track of this.#waiting) {
      for (const step of track.steps) {
        const { awaited } = step;
        if (!awaited || (second - awaited.second < NEWS_AFTER_SECONDS && awaited.second - second < CLOCK_BACK_SECONDS)) continue;
        step.awaited = undefined;
        if (second > awaited.second && track.at >= 0) due.push({ track, step, awaited });
      }
      if (!track.steps.some(({ awaited }) => awaited)) this.#waiting.delete(track);
    }
    return due;
  }
}

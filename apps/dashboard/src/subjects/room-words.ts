/** What a source may still do before it stands out, where it is nearest to that. Pure, so that it can be tested. */
import type { BaselineWindow, Outlook } from '@plimsoll/contracts';
import { exact, measure, perWindow } from '../format.js';

/** In the window that people think in. */
const WINDOW_SECONDS = 60;

export interface RoomLeft {
  endpoint: string;
  text: string;
  /** That everybody surges there, and the limit is wider than usual. */
  surge?: string | undefined;
}

/** Undefined where nothing was learnt of it, or nothing is raised about it. */
export function roomLeft({ baselines, allowed }: Pick<Outlook, 'baselines' | 'allowed'>): RoomLeft | undefined {
  if (allowed) return undefined;
  const all = baselines.flatMap(({ endpoint, windows }) => {
    const window = windows.find(({ windowSeconds }) => windowSeconds === WINDOW_SECONDS);
    return window ? [{ endpoint, ...window }] : [];
  });
  const [nearest] = all.sort((a, b) => b.observed / Math.max(1, b.limit) - a.observed / Math.max(1, a.limit));
  if (!nearest) return undefined;
  const { endpoint, observed, limit } = nearest;
  const surge = surgeOf(nearest)?.sentence;
  const most = `${exact(limit)} ${perWindow(limit === 1 ? 'request' : 'requests', WINDOW_SECONDS)}`;
  return {
    endpoint,
    ...(surge && { surge }),
    text:
      observed > limit
        ? `It is beyond ${most} that would raise nothing: ${exact(observed)} in the last minute.`
        : `${most} raise nothing; it made ${exact(observed)} in the last minute.`,
  };
}

/** Less than this above the usual is no surge to speak of. */
const SURGE_LEAST = 1.1;

/** By how much everybody on an endpoint is above the usual, `3.2×`, and what follows from that; undefined where nobody surges. */
export function surgeOf({ level }: Pick<BaselineWindow, 'level'>): { factor: string; sentence: string } | undefined {
  if (level < SURGE_LEAST) return undefined;
  const factor = measure(level);
  return {
    factor: `${factor}×`,
    sentence: `Everybody there is at ${factor} times the usual now: what was learnt is stretched as much, until it is over.`,
  };
}

/** How far the alert budget widens what raises nothing. */
export const stretchText = (stretch: number): string | undefined =>
  stretch > 1 ? `The alert budget of the service stretches its limits ${measure(stretch)} times now.` : undefined;

/**
 * Words that come and go in a corner of the page: what was done, what failed, with a way to take it back. Bounded: beyond the cap the
 * oldest goes.
 */
export type ToastKind = 'success' | 'error' | 'info';

export interface Toast {
  id: number;
  kind: ToastKind;
  text: string;
  description?: string | undefined;
  /** Seen for so long, not counting the time in which somebody points at it. */
  durationMs: number;
  action?: { label: string; onClick: () => void } | undefined;
}

/** Seen at a time. */
export const MOST_TOASTS = 4;
const DURATION_MS = 4_000;
/** What failed has to be read to its end. */
const ERROR_MS = 10_000;

let shown: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function show(next: readonly Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export const toaster = {
  /** Oldest first; the same list until something comes or goes. */
  shown: (): readonly Toast[] => shown,
  dismiss: (id: number): void => {
    if (shown.some((each) => each.id === id)) show(shown.filter((each) => each.id !== id));
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

interface More {
  description?: string | undefined;
  duration?: number;
  action?: Toast['action'];
}

const say =
  (kind: ToastKind) =>
  (text: string, { description, duration = kind === 'error' ? ERROR_MS : DURATION_MS, action }: More = {}): void => {
    last += 1;
    show([...shown, { id: last, kind, text, description, durationMs: duration, action }].slice(-MOST_TOASTS));
  };

export const toast = { success: say('success'), error: say('error'), info: say('info') };

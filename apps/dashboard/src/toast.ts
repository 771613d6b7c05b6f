/**
 * Words that come and go in a corner of the page. Their code and their place come with the first of them: a page that has nothing
 * to say is there sooner.
 */
type Toast = typeof import('sonner').toast;
type Kind = 'success' | 'error' | 'info';

let wanted = false;
const listeners = new Set<() => void>();
let place: () => void = () => {};
const placed = new Promise<void>((resolve) => {
  place = resolve;
});

/** For the one component that shows them: whether there is anything to be shown, and to say that it stands. */
export const toaster = {
  wanted: (): boolean => wanted,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  stands: (): void => place(),
};

const say =
  (kind: Kind) =>
  (...[text, more]: Parameters<Toast['success']>): void => {
    wanted = true;
    for (const listener of listeners) listener();
    // What cannot be loaded cannot be said; the page itself shows what has become of the act.
    void Promise.all([import('sonner'), placed]).then(
      ([{ toast: speak }]) => speak[kind](text, more),
      () => {},
    );
  };

export const toast = { success: say('success'), error: say('error'), info: say('info') };

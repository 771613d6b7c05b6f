/**
 * Keyboard shortcuts. A key is `j`, `?`, `Enter` or a pair such as `g a`. Nothing happens while somebody types, while a
 * dialog or menu is open, or with Ctrl, Alt or Command: those belong to the browser.
 */
import { useEffect, useRef } from 'react';

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** The second key of a pair must follow within this time. */
const PAIR_MS = 900;

/** What is ticked or chosen takes no letters: keys go on after a click on it. */
export const TYPING = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"]';
/** What a key that is held down goes on doing: moving. An act is done once for a press. */
const REPEATING = new Set(['j', 'k', 'J', 'K']);
const OVERLAY = '[role="dialog"], [role="menu"]';

/** Whether a key press belongs to the page and not to a control or an overlay. */
export function isShortcut(event: KeyboardEvent, root: ParentNode = document): boolean {
  if (event.repeat && !REPEATING.has(event.key)) return false;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return false;
  const target = event.target instanceof Element ? event.target : null;
  return !target?.closest(TYPING) && root.querySelector(OVERLAY) === null;
}

/** Reads pairs out of single presses; one reader for each set of shortcuts. */
export function createKeyReader() {
  let before = { key: '', at: 0 };
  return (keys: KeyMap, key: string, now: number): KeyMap[string] | undefined => {
    const pair = now - before.at < PAIR_MS ? `${before.key} ${key}` : '';
    const found = keys[pair] ?? keys[key];
    before = { key: found ? '' : key, at: now };
    // The second key of somebody else's pair is not a key of its own: `g e` must not acknowledge.
    return pair.startsWith('g ') && !keys[pair] ? undefined : found;
  };
}

export function useKeys(keys: KeyMap, enabled = true): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!enabled) return;
    const read = createKeyReader();
    const press = (event: KeyboardEvent) => {
      if (!isShortcut(event)) return;
      const act = read(latest.current, event.key, event.timeStamp);
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [enabled]);
}

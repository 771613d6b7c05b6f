/** Where the focus goes when rows come and go: into the new row, and back to the button that adds when one is removed. */
import { useRef } from 'react';

export function useRowFocus<T extends HTMLElement>() {
  const list = useRef<T>(null);
  const add = useRef<HTMLButtonElement>(null);
  return {
    list,
    add,
    toNew: () => requestAnimationFrame(() => list.current?.lastElementChild?.querySelector('input')?.focus()),
    toAdd: () => requestAnimationFrame(() => add.current?.focus()),
  };
}

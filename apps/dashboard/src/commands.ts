/** What the open page offers to the command palette, beside what is offered everywhere. */
import { useEffect, useSyncExternalStore } from 'react';

export interface Command {
  name: string;
  /** Where several may have one name. */
  id?: string;
  /** The shortcut that does the same. */
  key?: string;
  run: () => void;
}

const offered = new Map<string, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function change(): void {
  all = [...offered.values()].flat();
  for (const listener of listeners) listener();
}

/** Offers commands while the component is there. */
export function useCommands(place: string, commands: readonly Command[]): void {
  useEffect(() => {
    offered.set(place, commands);
    change();
  });
  useEffect(
    () => () => {
      offered.delete(place);
      change();
    },
    [place],
  );
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useOffered = (): readonly Command[] => useSyncExternalStore(subscribe, () => all);

/** Those that hold every word that was typed, in whatever order and case. */
export function matching<T extends { name: string }>(commands: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

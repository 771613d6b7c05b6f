/** Which row of a list the keyboard is at. Held by id, so that rows may come and go; by place once the row is gone. */
export interface Selection {
  id: string;
  index: number;
}

/** Where the selection stands in the list as it is now; -1 where nothing is selected. */
export function placeOf(ids: readonly string[], selection: Selection | undefined): number {
  if (!selection || ids.length === 0) return -1;
  const found = ids.indexOf(selection.id);
  return found >= 0 ? found : Math.min(selection.index, ids.length - 1);
}

/** One step down or up, from the first row where nothing was selected; stays at the ends. */
export function step(ids: readonly string[], selection: Selection | undefined, by: 1 | -1): Selection | undefined {
  const place = placeOf(ids, selection);
  // A row that is gone has been replaced by the next one already.
  const gone = selection !== undefined && ids[place] !== selection.id;
  const index = place < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, gone && by === 1 ? place : place + by));
  const id = ids[index];
  return id === undefined ? undefined : { id, index };
}

/** All from one row to another, in whatever order; nothing where one of them is gone. */
export function between(ids: readonly string[], from: string, to: string): string[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  return a < 0 || b < 0 ? [] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** Marked or not, the other way round. */
export function toggled(marked: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(marked);
  if (!next.delete(id)) next.add(id);
  return next;
}

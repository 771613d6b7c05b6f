/** What a change changed, value by value: the two sides of a row of the audit as pairs of texts. Pure. */

export interface Difference {
  /** `settings.ladder.0.severity`; empty where the sides are no objects. */
  path: string;
  /** Undefined: it was not there, or is not any more. */
  before: string | undefined;
  after: string | undefined;
}

/** Beyond it a change is read as JSON, in the export. */
export const MAX_SHOWN = 200;
const MAX_DEPTH = 8;

/** Every value that differs, in the order in which the sides name them, at most {@link MAX_SHOWN}. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths
    .map((path) => ({ path, before: was.get(path), after: is.get(path) }))
    .filter((one) => one.before !== one.after)
    .slice(0, MAX_SHOWN);
}

/** Every value by its path. Null and undefined are none. */
export function valuesOf(value: unknown): Map<string, string> {
  const values = new Map<string, string>();
  collect(value, '', 0, values);
  return values;
}

function collect(value: unknown, path: string, depth: number, into: Map<string, string>): void {
  if (value === null || value === undefined || into.size > MAX_SHOWN * 5) return;
  const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
  if (isList) into.set(path, value.map(String).join(', '));
  else if (typeof value === 'object' && depth < MAX_DEPTH) {
    for (const [name, member] of Object.entries(value)) collect(member, path === '' ? name : `${path}.${name}`, depth + 1, into);
  } else into.set(path, typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

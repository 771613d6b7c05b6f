/**
 * Joins class names; of two that set the same property the later one stays, so that a component's look can be changed by whoever uses
 * it. Knows those utilities that components here let be changed, not all of Tailwind: of what it does not know both stay.
 */
import { type ClassValue, clsx } from 'clsx';

/** What shares its prefix with something that sets another property. */
const named: readonly (readonly [property: string, classes: RegExp])[] = [
  ['display', /^(hidden|block|inline|inline-block|flex|inline-flex|grid|inline-grid|table-cell|contents)$/],
  ['position', /^(static|relative|absolute|fixed|sticky)$/],
  ['text-size', /^text-(2xs|xs|sm|base|lg|\d*xl)$/],
  ['text-align', /^text-(left|center|right)$/],
  ['font-family', /^font-(sans|mono)$/],
  ['border-style', /^border-(solid|dashed|dotted|none)$/],
];
const border = /^border(-[trblxy])?(-\d+)?$/;
/** Utilities whose name before the value is the property. */
const prefixed =
  /^-?(p[trblxy]?|m[trblxy]?|(?:min-|max-)?[wh]|size|bg|text|border|rounded|shadow|font|gap(?:-[xy])?|space-[xy]|inset(?:-[xy])?|top|right|bottom|left|z|opacity)-/;

/** @returns variants and property, as `hover:bg`; the class itself where the property is not known */
function slotOf(name: string): string {
  const end = name.lastIndexOf(':') + 1;
  const utility = name.slice(end);
  const variants = name.slice(0, end);
  const property = named.find(([, classes]) => classes.test(utility))?.[0];
  if (property !== undefined) return variants + property;
  const side = border.exec(utility);
  if (side) return `${variants}border-width${side[1] ?? ''}`;
  return variants + (prefixed.exec(utility)?.[1] ?? utility);
}

function merge(names: readonly string[]): string {
  const taken = new Set<string>();
  const kept = names.toReversed().filter((name) => {
    const slot = slotOf(name);
    if (taken.has(slot)) return false;
    taken.add(slot);
    return true;
  });
  return kept.reverse().join(' ');
}

/** The same few hundred again and again; beyond the cap it begins anew. */
const MOST_KNOWN = 1_000;
const known = new Map<string, string>();

export function cn(...classes: ClassValue[]): string {
  const joined = clsx(classes);
  const before = known.get(joined);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const merged = merge(joined.split(' '));
  known.set(joined, merged);
  return merged;
}

/**
 * How deep a JSON text nests, before anything parses it: V8 parses 200,000 levels, and whatever then walks the value by
 * recursion ends in a RangeError. No body of the API nests deeper than eight.
 */
export const MAX_JSON_DEPTH = 20;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** One pass over the text, which need not be well-formed: that is for the parser to say. */
export function isTooDeep(text: string, most = MAX_JSON_DEPTH): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (OPEN.has(code)) {
      depth += 1;
      if (depth > most) return true;
    } else if (CLOSE.has(code)) depth -= 1;
  }
  return false;
}

/**
 * Splits a line of an access log into its parts: bare words, [bracketed] and "quoted" ones. One pass, no backtracking,
 * so that a hostile line costs no more than its length. Apache escapes a quote as \", nginx as \x22; both are undone.
 */
export interface Token {
  kind: 'word' | 'bracket' | 'quote';
  text: string;
}

/** Parts of a line; a quote or bracket that is never closed runs to the end of the line. */
export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const start = line[at];
    if (start === ' ' || start === '\t') {
      at += 1;
    } else if (start === '"') {
      const end = closingQuote(line, at + 1);
      tokens.push({ kind: 'quote', text: unescaped(line.slice(at + 1, end)) });
      at = end + 1;
    } else if (start === '[') {
      const found = line.indexOf(']', at);
      const end = found < 0 ? line.length : found;
      // [::1] and [::1]:80 are words, not times.
      if (line[end + 1] === undefined || line[end + 1] === ' ') {
        tokens.push({ kind: 'bracket', text: line.slice(at + 1, end) });
        at = end + 1;
      } else at = pushWord(line, at, tokens);
    } else at = pushWord(line, at, tokens);
  }
  return tokens;
}

function pushWord(line: string, at: number, tokens: Token[]): number {
  const found = line.indexOf(' ', at);
  const end = found < 0 ? line.length : found;
  tokens.push({ kind: 'word', text: line.slice(at, end) });
  return end;
}

/** A quote closes its part where a space or the end follows; servers that do not escape leave quotes inside. */
function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"' && (at + 1 === line.length || line[at + 1] === ' ')) return at;
  }
  return line.length;
}

const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', v: '\v' };

/** Undoes \", \\, \n and runs of \xHH, whose bytes are UTF-8. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/((?:\\x[0-9a-fA-F]{2})+)|\\(.)/g, (_, bytes: string | undefined, letter: string | undefined) =>
    bytes === undefined
      ? (letters[letter ?? ''] ?? letter ?? '')
      : Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'),
  );
}

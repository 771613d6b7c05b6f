/**
 * Where an id stands in a text: as a word of its own, as it is, or percent-encoded as a URL holds it (RFC 3986, 2.1), in whichever
 * characters and either case of hex. What was encoded twice is not found. Pure.
 */

/** A text as an expression for itself. */
export const escaped = (text: string): string => text.replace(/[^\w\s]/g, '\\$&');

const wordOf = (id: string): RegExp => new RegExp(`(?<![\\w-])${escaped(id)}(?![\\w-])`, 'g');

export const namesId = (text: string, id: string): boolean => wordIn(text, id)?.test(text) === true;

/** A copy of `text` with `name` of each spelling in its place: the id itself, or a percent-encoded form of it. */
export function replaceId(text: string, id: string, name: (spelling: string) => string): string {
  const word = wordIn(text, id);
  return word === undefined ? text : text.replace(word, name);
}

/** An expression is made for the few texts that hold the id: thousands of ids meet hundreds of texts. */
function wordIn(text: string, id: string): RegExp | undefined {
  if (text.includes('%') && decoded(text).includes(id)) return encodedWordOf(id);
  return text.includes(id) ? wordOf(id) : undefined;
}

/** Bytes that are no UTF-8 become U+FFFD, so that one odd escape hides no other. */
const decoded = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());

/** Each character as it is or as its escapes; before it no letter, but for the end of another escape. */
function encodedWordOf(id: string): RegExp {
  const characters = [...id].map((character) => `(?:${escaped(character)}|${escapesOf(character)})`);
  return new RegExp(`(?:(?<![\\w-])|(?<=%[\\da-fA-F]{2}))${characters.join('')}(?![\\w-])`, 'g');
}

/** Percent-encoded, in either case of hex: for expressions of JavaScript and of PostgreSQL. */
export const escapesOf = (character: string): string =>
  Buffer.from(character)
    .toString('hex')
    .replace(/[\da-f]{2}/g, '%$&')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

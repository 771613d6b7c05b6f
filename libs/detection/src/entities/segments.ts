/**
 * What a single path segment looks like: an id, or a word of the API. Rules without memory, so that the same path has the
 * same shape on every shard. All parameters are written `:id` (one rule, which is also what most frameworks' routes say),
 * with the extension kept for static files.
 */
const NUMBER = /^[+-]?\d+([.,_-]\d+)*$/;
const HEX = /^(0x)?[0-9a-f]{8,}$/i;
const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
const DATE = /^\d{4}-\d{1,2}(-\d{1,2})?(T[\d:.,+-]*Z?)?$/i;
const EMAIL = /^[^@\s/]+@[^@\s/]+\.[a-z]{2,}$/i;
const LONG = 64;
const STATIC = /\.(?:avif|bmp|css|eot|gif|ico|jpe?g|js|m4a|map|mjs|mp3|mp4|otf|png|svg|ttf|wasm|wav|webm|webp|woff2?)$/i;

/** The parameter that replaces an id or a learnt value. */
export const PARAMETER = ':id';

/** True where a segment is an id by itself: number, UUID, hash, date, e-mail address or a long random token. */
export function isIdentifier(segment: string): boolean {
  const text = decoded(segment);
  if (text.length > LONG || text === '*' || text.startsWith(':')) return true;
  return NUMBER.test(text) || UUID.test(text) || isHash(text) || DATE.test(text) || EMAIL.test(text) || isToken(text);
}

function isHash(text: string): boolean {
  return HEX.test(text) && (/\d/.test(text) || text.length >= 32);
}

/** Twenty characters or more of a base64 or base58 alphabet that no language would mix so: a token, a ULID, a KSUID. */
function isToken(text: string): boolean {
  if (text.length < 20 || !/^[\w~.=+-]+$/.test(text) || /^[a-z]+([-_.][a-z]+)*$/i.test(text)) return false;
  const digits = text.replace(/\D/g, '').length;
  const changes = text.match(/[a-z][A-Z0-9]|[0-9][A-Za-z]|[A-Z]{2}[a-z0-9]/g)?.length ?? 0;
  return digits >= 2 && changes >= 4;
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // Not UTF-8: judged as it stands.
  }
}

/** `.png` for `logo.png`, empty for what is no static file. */
export function staticExtension(segment: string): string {
  return STATIC.exec(segment)?.[0].toLowerCase() ?? '';
}

/** A parameter in the place of the segment. */
export function parameterOf(segment: string): string {
  return PARAMETER + staticExtension(segment);
}

/** Segments of a path: no query, no empty or `.` segments, at most `most`. */
export function segmentsOf(path: string, most: number): string[] {
  const end = path.search(/[?#]/);
  const segments: string[] = [];
  for (const segment of (end < 0 ? path : path.slice(0, end)).split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segments.length === most) {
      segments.push(PARAMETER); // Deeper levels are one.
      break;
    }
    segments.push(segment);
  }
  return segments;
}

/** Deepest level of a path that is told apart. */
export const MAX_DEPTH = 12;

/** The path with its ids cut out: what makes two misses the same miss. */
export function shapeOf(path: string): string {
  const shape = segmentsOf(path, MAX_DEPTH).map((segment) =>
    isIdentifier(withoutExtension(segment)) ? parameterOf(segment) : segment,
  );
  return `/${shape.join('/')}`;
}

/** `123.png` is an id with an extension. */
export function withoutExtension(segment: string): string {
  const extension = staticExtension(segment);
  return extension ? segment.slice(0, -extension.length) : segment;
}

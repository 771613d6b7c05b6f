/**
 * A reader made from the format string of a web server: the string itself, its whole directive as copied from the
 * configuration, or the name of a well-known one. What the string does not tell (an agent, sizes) is absent from the logs;
 * what every request log needs must be in it.
 */
import { Fault } from '../../fault.js';
import { type Reader, readingOf } from '../reading.js';
import { unescaped } from '../tokens.js';
import { apachePieces, NAMED } from './apache.js';
import { draftOf } from './draft.js';
import { nginxPieces } from './nginx.js';
import { type Field, type Piece, unparted, valuesOf } from './pattern.js';

export interface FormatOptions {
  /** Whose words the string is in; told by the string itself where absent. */
  server: 'nginx' | 'apache' | undefined;
  /** Take the client from X-Forwarded-For: its n-th address from the right. Undefined: it is not believed. */
  forwarded: number | undefined;
}

type Undo = (text: string) => string;

const NEEDED: readonly (readonly [what: string, oneOf: readonly Field[], nginx: string, apache: string])[] = [
  ['the client address', ['address', 'forwarded'], '$remote_addr', '%h or %a'],
  ['the time', ['clf-time', 'iso-time', 'epoch-s', 'epoch-ms', 'epoch-us', 'year'], '$time_local, $time_iso8601 or $msec', '%t'],
  ['the method', ['request', 'method'], '$request or $request_method', '%r or %m'],
  ['the path', ['request', 'target', 'path'], '$request, $request_uri or $uri', '%r or %U'],
  ['the status', ['status'], '$status', '%>s'],
];

/** @throws Fault where the string is not understood or lacks what a request log needs */
export function readerOfFormat(text: string, { server, forwarded }: FormatOptions): Reader {
  const named = NAMED[text.trim()];
  const { format, undo } = unwrapped(named ?? text.trim());
  const nginx = named === undefined && (server ?? (/\$\w|\$\{/.test(format) ? 'nginx' : 'apache')) === 'nginx';
  const pieces = nginx ? nginxPieces(format) : apachePieces(format);
  check(pieces, nginx, forwarded);
  return (line) => {
    const values = valuesOf(pieces, line.replace(/[ \t]+$/, ''));
    if ('reason' in values) return { reason: values.reason as string };
    const draft = draftOf(values, undo, forwarded);
    return 'reason' in draft ? draft : readingOf(draft.log);
  };
}

/** `log_format main escape=json '...' '...';` and `LogFormat "..." name`: the string in it, and how its values are escaped. */
function unwrapped(text: string): { format: string; undo: Undo } {
  const nginx = /^log_format\s+\S+\s+(?:escape=(\w+)\s+)?(.*?);?$/s.exec(text);
  if (nginx) return { format: strings(nginx[2] ?? '', text), undo: undos[nginx[1] ?? ''] ?? unescaped };
  const mode = /^escape=(\w+)\s+/.exec(text);
  if (mode) return { format: strings(text.slice(mode[0].length), text), undo: undos[mode[1] ?? ''] ?? unescaped };
  const apache = /^LogFormat\s+(.*)$/is.exec(text);
  if (apache) return { format: strings((apache[1] ?? '').replace(/\s+[\w-]+$/, ''), text), undo: unescaped };
  // Apache's configuration writes \" inside its quotes; so it is often copied.
  return { format: text.replace(/\\(["\\])/g, '$1'), undo: text.startsWith('{') ? unescapedJson : unescaped };
}

/** 'a' "b" -> ab; text without quotes is itself. */
function strings(text: string, whole: string): string {
  const trimmed = text.trim();
  if (!/^['"]/.test(trimmed)) return trimmed;
  const found = [...trimmed.matchAll(/\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/gsy)];
  const read = found.reduce((sum, [all]) => sum + all.length, 0);
  if (read < trimmed.length)
    throw new Fault(`The format is not understood from "${trimmed.slice(read, read + 30)}" on: ${whole.slice(0, 60)}`);
  return found.map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"\\])/g, '$1')).join('');
}

const unescapedJson: Undo = (text) => {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return unescaped(text);
  }
};
const undos: Record<string, Undo> = { json: unescapedJson, none: (text) => text, default: unescaped };

function check(pieces: readonly Piece[], nginx: boolean, forwarded: number | undefined): void {
  const there = new Set(pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.field])));
  if (there.size === 0)
    throw new Fault(
      `The format has no variable: write it as the configuration has it ('$remote_addr ...', '%h ...'), or a name (${Object.keys(NAMED).join(', ')}).`,
    );
  const lacking = NEEDED.filter(
    ([, oneOf]) => !oneOf.some((field) => there.has(field) && (field !== 'forwarded' || forwarded !== undefined)),
  );
  if (lacking.length > 0) {
    const words = lacking.map(([what, , inNginx, inApache]) => `${what} (${nginx ? inNginx : inApache})`);
    throw new Fault(`The format lacks ${words.join(', ')}.`);
  }
  if (forwarded !== undefined && !there.has('forwarded'))
    throw new Fault(
      `The format has no X-Forwarded-For (${nginx ? '$http_x_forwarded_for' : '%{X-Forwarded-For}i'}) to take the client from.`,
    );
  const pair = unparted(pieces);
  if (pair) throw new Fault(`Nothing parts ${pair[0].name} from ${pair[1].name}: where one ends cannot be told.`);
}

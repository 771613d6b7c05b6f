/**
 * Rules behind the table of attacks, as pure functions over text, so that each can be shown to fail on a bad sample: that every
 * row names a test that exists, and what of the rows is a matter of the sources and not of a request.
 */
import type { Source } from './rules.js';

export interface AttackRow {
  id: string;
  /** What it names: file and name of a test. */
  tests: { file: string; name: string }[];
  /** There is nothing yet that could be attacked this way. */
  noSurface: boolean;
}

/** The rows of the table `| T1 | attack | tests |`, in which a test is `` `file` "name" ``; a name without a file is of the file before it. */
export function attackRows(markdown: string): AttackRow[] {
  return [...markdown.matchAll(/^\| (T\d+) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id = '', told = '']) => {
    const tests: AttackRow['tests'] = [];
    let file = '';
    for (const [, path, name] of told.matchAll(/`([\w./-]+)`|"([^"]+)"/g)) {
      if (path !== undefined) file = path;
      else if (name !== undefined) tests.push({ file, name });
    }
    return { id, tests, noSurface: told.includes('no surface yet') };
  });
}

const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/**
 * The names of tests and groups in a spec that run; of what is written over many rows, its template. What stands in a comment, is
 * skipped or to be done is none, nor is anything in a file that skips a group or lets some tests run only. `skipIf` counts: what it
 * depends on is the machine's.
 */
export function testNames(text: string): Set<string> {
  const source = code(text);
  const names = new Set<string>();
  if (/^\s*(?:describe(?:\.\w+)*\.(?:skip|todo)|(?:describe|it|test)(?:\.\w+)*\.only)\b/m.test(source)) return names;
  const found = source.matchAll(/(?<call>\b(?:describe|it|test)(?:\.[\w.]+)?(?:<[^(]*>)?)\(|\]\)\(|\)\)\(|\w\)\(/g);
  let skips = false;
  for (const match of found) {
    // Between `it.skip.each(` and the name stand rows.
    if (match.groups?.['call']) skips = /\.(?:skip|todo|fails)\b/.test(match.groups['call']);
    const after = source.slice(match.index + match[0].length).trimStart();
    const literal = /^(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/.exec(after);
    const name = literal?.[1] ?? literal?.[2] ?? literal?.[3];
    if (name !== undefined && !skips) names.add(name.replaceAll("\\'", "'"));
  }
  return names;
}

/** What of a row does not exist; a row without a test says why. @param read undefined where there is no such file. */
export function missingTests({ id, tests, noSurface }: AttackRow, read: (path: string) => string | undefined): string[] {
  if (tests.length === 0 && !noSurface) return [`${id}: names no test`];
  return tests.flatMap(({ file, name }) => {
    const text = read(file);
    if (text === undefined) return [`${id}: there is no ${file}`];
    return testNames(text).has(name) ? [] : [`${id}: ${file} has no test "${name}"`];
  });
}

const isServer = (path: string): boolean => /^(apps\/(admin|ingest|worker)|libs\/storage)\/src\//.test(path);
const isSpec = (path: string): boolean => /\.(spec|fixture)\.tsx?$/.test(path);

/** Secrets that are compared by `===`, whose time tells how far they agree (T37). Hashes of the audit's chain are public. */
export function secretComparisons({ path, text }: Source): string[] {
  if (!isServer(path) || isSpec(path) || /\/audit[\w-]*\.ts$/.test(path)) return [];
  const name = /(?:\b|\.)(?:\w*(?:[sS]ecret|[pP]assword|[mM]ac|[hH]ash|[sS]ignature|[cC]ookie)|token)\b/.source;
  const other = /(?!undefined|null|true|false|''|-?\d)[\w'"(]/.source;
  const found = code(text).matchAll(new RegExp(`${name}\\)? [!=]== ${other}.*|[\\w)] [!=]== \\w*${name}.*`, 'g'));
  return [...found].filter(([line]) => !/(undefined|null) [!=]==/.test(line)).map(([line]) => `${path}: ${line.trim()}`);
}

/** Watches the console by our own SDK: it sends logs to the ingestion of the environment, which nobody who asks can choose. */
const CALLS_INGESTION = 'apps/admin/src/watch/self-watch.ts';
/**
 * Calls of a server to somewhere else over HTTP, by our own SDK too: there are none but that one, so that nobody can choose where they
 * go (T38). Types of the SDK call nobody.
 */
export function outboundCalls({ path, text }: Source): string[] {
  if (!isServer(path) || isSpec(path) || path === CALLS_INGESTION) return [];
  const found = code(text).matchAll(
    /(?<![.#\w])fetch\(|\bhttps?\.(?:request|get)\(|from '(?:undici|axios|got)'|import (?!type\b)[^;]*? from '@plimsoll\/sdk[^']*'|import\('@plimsoll\/sdk[^']*'\)|import \{[^}]*\b(?:request|get)\b[^}]*\} from 'node:https?'/g,
  );
  return [...found].map(([call]) => `${path}: ${call}`);
}

const LITERAL = /(?<=[=(,:[!&|?{};]\s*|return )\/(?![/*])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*/g;
/** The expressions of a source that are written as literals. */
export const expressions = ({ text }: Source): string[] => [...code(text).matchAll(LITERAL)].map(([, body = '']) => body);

/** Whether a group that repeats without end holds something that repeats without end: `(a+)*` (T40). */
export function repeatsWithinRepeats(body: string): boolean {
  const open: { repeats: boolean }[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at];
    if (character === '\\') at += 1;
    else if (character === '[') at = endOfClass(body, at);
    else if (character === '(') open.push({ repeats: false });
    else if (character === ')') {
      const group = open.pop();
      const endless = /^(?:[*+]|\{\d*,\})/.test(body.slice(at + 1));
      if (endless && group?.repeats) return true;
      const outer = open.at(-1);
      if (outer && (group?.repeats || endless)) outer.repeats = true;
    } else if (/^(?:[*+]|\{\d*,\})/.test(body.slice(at)) && body[at - 1] !== '(') {
      const group = open.at(-1);
      if (group) group.repeats = true;
    }
  }
  return false;
}

function endOfClass(body: string, from: number): number {
  let at = from + 1;
  while (at < body.length && body[at] !== ']') at += body[at] === '\\' ? 2 : 1;
  return at;
}

/** What belongs to tests and has no place in what runs: switches for them, and imports of them (T53). */
export function testTraces({ path, text }: Source): string[] {
  if (isSpec(path) || !/^(apps|libs)\/[^/]+\/src\//.test(path)) return [];
  const found = code(text).matchAll(
    /process\.env(?:\['NODE_ENV'\]|\.NODE_ENV)|\bVITEST\b|from '(?:vitest|fast-check)[^']*'|from '[^']*\/test\/[^']*'/g,
  );
  return [...found].map(([trace]) => `${path}: ${trace}`);
}

/** Secrets of a compose file that start without anybody having set them (T53). */
export function defaultSecrets({ path, text }: Source): string[] {
  const found = text.matchAll(/\$\{(\w*(?:PASSWORD|KEY|SECRET)\w*)(?!\w*:\?)[^}]*\}/g);
  return [...found].map(([whole]) => `${path}: ${whole}`);
}

/** Links that open a window which may steer ours (T49). */
export function openWindows({ path, text }: Source): string[] {
  if (!path.startsWith('apps/dashboard/src/')) return [];
  const found = text.matchAll(/<\w+[^>]*target="_blank"[^>]*>/g);
  return [...found].filter(([tag]) => !/rel="[^"]*noopener/.test(tag)).map(([tag]) => `${path}: ${tag}`);
}

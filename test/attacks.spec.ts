/** The table of attacks (docs/attacks.md) names a test for each row, which exists; and what of the rows is told by the sources alone. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  attackRows,
  defaultSecrets,
  expressions,
  missingTests,
  openWindows,
  outboundCalls,
  repeatsWithinRepeats,
  secretComparisons,
  testNames,
  testTraces,
} from './house/attacks.js';
import type { Source } from './house/rules.js';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => existsSync(path));
const sourcesOf = (pattern: RegExp): Source[] =>
  tracked.filter((path) => pattern.test(path)).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const sources = sourcesOf(/^(apps|libs)\/[^/]+\/src\/.*\.tsx?$/);
const sample = (path: string, text: string): Source => ({ path, text });
const [admin, page] = ['apps/admin/src/a.ts', 'apps/dashboard/src/a.tsx'];

describe('the table of attacks', () => {
  const rows = attackRows(readFileSync('docs/attacks.md', 'utf8'));
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

  it('has every row about the admin API, the socket and the keys', () => {
    const numbers = [...Array.from({ length: 27 }, (_, i) => i + 1), ...Array.from({ length: 13 }, (_, i) => i + 37), 53, 54];
    expect(rows.map(({ id }) => id)).toEqual(numbers.map((number) => `T${number}`));
  });

  it('names tests that exist', () => {
    expect(rows.flatMap((row) => missingTests(row, read))).toEqual([]);
  });

  it('would miss a test that is gone, a file that is gone, and a row without any', () => {
    const [good, gone] = attackRows('| T1 | x | `a.spec.ts` "one", "two" |\n| T2 | y | none |');
    const text = "describe('one', () => it.each([1])('two', () => {}));";
    expect(missingTests(good!, () => text)).toEqual([]);
    expect(missingTests(good!, () => text.replace('two', 'three'))).toHaveLength(1);
    expect(missingTests(good!, () => undefined)).toHaveLength(2);
    expect(missingTests(gone!, () => text)).toHaveLength(1);
  });

  it('reads names as they are written', () => {
    const text =
      'it(\'a\', f);\nit.each<[string]>([\n  ["x", 1],\n])("b %s", f);\nit.each(list)(\n  `c`,\n  f);\nexpect("no").toBe(1);';
    expect([...testNames(text)]).toEqual(expect.arrayContaining(['a', 'b %s', 'c']));
  });
});

describe('the list of mutations', () => {
  const list: { defence: string; file: string; before: string; after: string; spec: string; test?: string }[] = JSON.parse(
    readFileSync('test/security/mutations.json', 'utf8'),
  );

  it('takes out what is there, once in its file, and asks a test that is there', () => {
    expect(list.length).toBeGreaterThan(100);
    const faults = list.flatMap(({ defence, file, before, after, spec }) => {
      const times = existsSync(file) ? readFileSync(file, 'utf8').split(before).length - 1 : 0;
      return [
        ...(times === 1 ? [] : [`${defence}: ${times} times in ${file}`]),
        ...(before === after ? [`${defence}: changes nothing`] : []),
        ...(existsSync(spec) ? [] : [`${defence}: there is no ${spec}`]),
      ];
    });
    expect(faults).toEqual([]);
  });
});

describe('the names of tests', () => {
  it.each([
    ["it.skip('a', f);", 0],
    ["it.todo('a');", 0],
    ["it.skip.each([\n  [1],\n])('a', f);", 0],
    ["// it('a', f);", 0],
    ["/* it('a', f); */", 0],
    ["describe.skip('b', () => { it('a', f); });", 0],
    ["it('a', f);\nit.only('b', f);", 0],
    ["describe.skipIf(none)('a', f);", 1],
    ["it.skip('b', f);\nit('a', f);", 1],
  ])('of what does not run are none: %s', (text, count) => {
    expect([...testNames(text)]).toEqual(count === 1 ? ['a'] : []);
  });
});

describe('T37: secrets', () => {
  it('are compared in constant time alone', () => {
    expect(sources.flatMap(secretComparisons)).toEqual([]);
  });
  it.each(['if (stored.hash === sha256(text)) return;', 'return given !== secret;', "if (key.secret === 'x') return;"])(
    'would catch %s',
    (text) => {
      expect(secretComparisons(sample(admin, text))).toHaveLength(1);
    },
  );
  it('have one path for those that are known and those that are not', () => {
    const { text } = sources.find(({ path }) => path === 'libs/storage/src/keys.ts')!;
    expect(text).toMatch(/stored === undefined \? Buffer\.alloc\(32\) : /);
    expect(text.match(/timingSafeEqual\(/g)).toHaveLength(1);
  });
});

describe('T38: requests to elsewhere', () => {
  it('are sent by no server, but the console’s own logs to our ingestion', () => {
    expect(sources.flatMap(outboundCalls)).toEqual([]);
  });
  it.each([
    "await fetch('https://hook.example');",
    "import { request } from 'node:https';",
    'https.get(url);',
    "import { type Guard, plimsoll } from '@plimsoll/sdk';",
    "import { plimsollExpress } from '@plimsoll/sdk/express';",
    "await import('@plimsoll/sdk');",
  ])('would be noticed: %s', (text) => {
    expect(outboundCalls(sample(admin, text))).toHaveLength(1);
  });
  it('may name types of the SDK, and begin it in one place', () => {
    expect(outboundCalls(sample(admin, "import type { RecordedRequest } from '@plimsoll/sdk';"))).toEqual([]);
    const [watch] = sources.filter(({ path }) => path === 'apps/admin/src/watch/self-watch.ts');
    expect(outboundCalls(sample(admin, watch?.text ?? ''))).toHaveLength(1);
  });
});

describe('T40: expressions', () => {
  const all = sources.filter(({ path }) => !/\.spec\.tsx?$/.test(path)).flatMap(expressions);

  /** Each outer repetition begins with what the inner one cannot take, so that there is one way alone to read a text. */
  const separated = ['[^\\s",]+(?:(?:, ?| : )[^\\s",]+)*', '^[+-]?\\d+([.,_-]\\d+)*$', '^[a-z]+([-_.][a-z]+)*$'];

  it('hold no repetition within a repetition, but for three that were looked at', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter(repeatsWithinRepeats).sort()).toEqual([...separated].sort());
  });
  it.each(separated)('%s reads a long text that it does not take in no time', (body) => {
    const expression = new RegExp(body.startsWith('^') ? body : `^${body}$`);
    for (const text of ['a', '1', 'a-', '1.', 'a, ', 'a : ']) expect(expression.test(`${text.repeat(50_000)}!"`)).toBe(false);
  });
  it.each(['(a+)+', '(?:x|y*z)*$', '^(([a-z])+.)+[A-Z]', '(\\w+\\s?){2,}'])('would catch %s', (body) => {
    expect(repeatsWithinRepeats(body)).toBe(true);
  });
  it.each(['(?:ab)+', '[(a+)*]+', '(\\(a+\\))', '(?:a+|b)?'])('does not mind %s', (body) => {
    expect(repeatsWithinRepeats(body)).toBe(false);
  });
});

describe('T48: packages', () => {
  it('are installed without their scripts, and pinned', () => {
    expect(readFileSync('.npmrc', 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['ignore-scripts=true', 'save-exact=true']),
    );
  });

  it('are those that somebody has looked at, the packages of packages too', async () => {
    const lock: { packages: Record<string, { link?: boolean }> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
    const names = new Set(installed.map(([path]) => path.split('node_modules/').at(-1) ?? ''));
    // After a look at what is new: `npx vitest run --project core test/attacks.spec.ts -u`.
    await expect(`${[...names].sort().join('\n')}\n`).toMatchFileSnapshot('house/packages.txt');
  });
});

describe('T49: windows', () => {
  it('that a page opens cannot steer it', () => {
    expect(sources.flatMap(openWindows)).toEqual([]);
    expect(openWindows(sample(page, '<a href={url} target="_blank">'))).toHaveLength(1);
    expect(openWindows(sample(page, '<a href={url} target="_blank" rel="noopener noreferrer">'))).toEqual([]);
  });
});

describe('T53: what must not be in production', () => {
  it('no test, and no switch for one', () => {
    expect(sources.flatMap(testTraces)).toEqual([]);
    for (const text of ["if (process.env['NODE_ENV'] === 'test') open();", "import { x } from '../../test/setup/x.js';"])
      expect(testTraces(sample(admin, text))).toHaveLength(1);
  });

  it('no secret that somebody has not set', () => {
    const composed = sourcesOf(/^docker\/compose.*\.yml$/);
    expect(composed.length).toBeGreaterThan(1);
    expect(composed.flatMap(defaultSecrets)).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as compose writes it.
    expect(defaultSecrets(sample('docker/compose.yml', 'x: ${REDIS_PASSWORD:-plimsoll}'))).toHaveLength(1);
  });
});

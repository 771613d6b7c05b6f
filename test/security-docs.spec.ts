/** What the documents on security claim: each promise names a test that is there, and no requirement of the ASVS goes missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asvsRows, REQUIREMENTS } from './house/asvs.js';
import { testNames } from './house/attacks.js';
import { rowsOf } from './house/tables.js';

/** Each file of tests that a cell names, with the titles that stand behind it: `` `a.spec.ts` "title", "title" ``. */
function testsIn(cell: string): { file: string; title: string }[] {
  return [...cell.matchAll(/`([\w./-]+\.spec\.tsx?)`((?:,? "[^"]+")*)/g)].flatMap(([, file = '', titles = '']) => {
    const named = [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title }));
    return named.length > 0 ? named : [{ file, title: '' }];
  });
}

/** What is wrong with a test that a document names; undefined where it is there. */
function faultOf({ file, title }: { file: string; title: string }): string | undefined {
  if (title === '') return `${file}: no title`;
  if (!existsSync(file)) return `${file} is not there`;
  return testNames(readFileSync(file, 'utf8')).has(title) ? undefined : `${file} has no "${title}"`;
}

const asvs = asvsRows();

describe('the table of the ASVS', () => {
  it('has each requirement once, and in order', () => {
    expect(asvs.map(([number]) => number)).toEqual(REQUIREMENTS);
  });

  it('says of each whether it is met, and by which test, or why not', () => {
    for (const [number, , state, by = ''] of asvs) {
      expect(['met', 'not applicable', 'not met'], number).toContain(state);
      if (state === 'met') expect(testsIn(by).length, number).toBeGreaterThan(0);
      else expect(by.length, number).toBeGreaterThan(40);
    }
  });

  it('names tests that are there', () => {
    expect(asvs.flatMap(([, , , by = '']) => testsIn(by).flatMap((test) => faultOf(test) ?? []))).toEqual([]);
  });
});

describe.each(['docs/security.md', 'docs/sign-in.md', 'docs/privacy.md'])('the promises of %s', (path) => {
  const text = readFileSync(path, 'utf8');
  const tables = text.split(/^\| promise \| test.* \|$/m).slice(1);
  const promises = tables
    .flatMap((table) => rowsOf(table.split(/\n\n/, 1)[0] ?? ''))
    .filter(([, by]) => by !== undefined && !/^-+$/.test(by));

  it('each name a test', () => {
    expect(promises.length).toBeGreaterThan(5);
    expect(promises.filter(([, by = '']) => testsIn(by).length === 0).map(([promise]) => promise)).toEqual([]);
  });

  it('name tests that are there', () => {
    expect(promises.flatMap(([, by = '']) => testsIn(by).flatMap((test) => faultOf(test) ?? []))).toEqual([]);
  });
});

describe('the classes of data', () => {
  const section = readFileSync('docs/privacy.md', 'utf8').split('## Classes of data')[1] ?? '';
  const classed = rowsOf(section)
    .slice(1)
    .flatMap(([, , where = '']) => [...where.matchAll(/`([a-z][a-z_-]*)`/g)].map(([, name = '']) => name));
  const sourcesIn = (folder: string): string =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map((path) => readFileSync(`${folder}/${path}`, 'utf8'))
      .join('\n');
  const storage = sourcesIn('libs/storage/src');
  const found = (pattern: RegExp, text = storage) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
  const tables = found(/pgTable\(\s*'([a-z_]+)'/g);
  const kept = ['request_log', 'request_minute', 'request_hour', 'history_version'];
  // `{namespace-3}:baselines`, `{namespace}:feed`; a queue is named by its shard.
  const keys = found(/\$\{[\w.]*(?:namespace|NAMESPACE)\}(?:-\$\{\w+\}\})?\}?:([a-z][a-z-]*[a-z])/g, storage + sourcesIn('apps'));

  it('has every table and every family of keys in one class', () => {
    expect([tables.length > 35, keys.length > 15]).toEqual([true, true]);
    expect([...tables, ...kept, ...keys].filter((name) => !classed.includes(name))).toEqual([]);
    const twice = classed.filter((name, at) => classed.indexOf(name) !== at);
    // Keys in Redis that hold a proof for a moment have the name of their table.
    expect(twice).toEqual(['proof']);
  });

  it('has no table that is not there', () => {
    expect(classed.filter((name) => name.includes('_') && ![...tables, ...kept].includes(name))).toEqual([]);
  });
});

describe('dangerous parts', () => {
  const section = readFileSync('docs/security.md', 'utf8').split('## Dangerous parts')[1]?.split('\n## ')[0] ?? '';
  const parts = rowsOf(section).slice(1);

  it('each have a fence and a test that is there', () => {
    expect(parts.length).toBeGreaterThan(5);
    for (const [part, , fence = '', by = ''] of parts) {
      expect([part, fence.length > 10, testsIn(by).length > 0]).toEqual([part, true, true]);
      expect([part, testsIn(by).flatMap((test) => faultOf(test) ?? [])]).toEqual([part, []]);
    }
  });
});

describe('the check itself', () => {
  it.each([
    ['`test/security-docs.spec.ts`', 'test/security-docs.spec.ts: no title'],
    ['`test/none.spec.ts` "x"', 'test/none.spec.ts is not there'],
    ['`test/security-docs.spec.ts` "no such title anywhere"', 'test/security-docs.spec.ts has no "no such title anywhere"'],
  ])('finds what is wrong with %s', (cell, fault) => {
    expect(testsIn(cell).map(faultOf)).toEqual([fault]);
  });
});

/** The plan of the tree, held by a test: each rule is run over every tracked source, and shown to fail on a bad sample. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  frozenTimes,
  impurities,
  machineTraces,
  packageCycles,
  type Source,
  strayFormats,
  strayLibraries,
  strayWords,
  unshown,
  wrongDirections,
} from './house/rules.js';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);
const read = (path: string): Source[] => {
  try {
    return [{ path, text: readFileSync(path, 'utf8') }];
  } catch {
    return []; // Deleted in the working tree.
  }
};
const sources = tracked.filter((path) => /^(apps|libs)\/[^/]+\/src\/.*\.tsx?$/.test(path)).flatMap(read);
const sample = (path: string, text: string): Source => ({ path, text });

describe('direction of imports', () => {
  it('holds in every source', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(wrongDirections)).toEqual([]);
  });
  it.each([
    ['apps/worker/src/a.ts', "import { x } from '@plimsoll/ingest';"],
    ['libs/storage/src/a.ts', "import { x } from '@plimsoll/sdk';"],
    ['libs/contracts/src/a.ts', "export * from '@plimsoll/detection';"],
    ['apps/dashboard/src/a.ts', "import { x } from '@plimsoll/storage';"],
    ['libs/sdk/src/a.ts', "import { alertSchema } from '@plimsoll/contracts';"],
    ['apps/cli/src/up/a.ts', "import { x } from '../../../worker/src/main.js';"],
    ['apps/demo/src/a.ts', "const x = await import('@plimsoll/storage');"],
  ])('would catch %s: %s', (path, text) => {
    expect(wrongDirections(sample(path, text))).toHaveLength(1);
  });
  it('has no cycle among packages', () => {
    const manifests = tracked.filter((path) => /^(apps|libs)\/[^/]+\/package\.json$/.test(path)).flatMap(read);
    const graph = Object.fromEntries(
      manifests.map(({ text }) => {
        const { name, dependencies = {}, devDependencies = {} } = JSON.parse(text);
        return [
          name,
          Object.keys({ ...dependencies, ...devDependencies }).filter((other) => /^(@plimsoll\/|plimsoll$)/.test(other)),
        ];
      }),
    );
    expect(packageCycles(graph)).toEqual([]);
    expect(packageCycles({ a: ['b'], b: ['a'] })).not.toEqual([]);
  });
});

describe('purity of the model', () => {
  it('holds in every source of libs/detection', () => {
    expect(sources.some(({ path }) => path.startsWith('libs/detection/'))).toBe(true);
    expect(sources.flatMap(impurities)).toEqual([]);
  });
  it.each([
    "import { readFileSync } from 'node:fs';",
    "import { alertSchema } from '@plimsoll/contracts';",
    'const now = Date.now();',
    'const x = Math.random();',
  ])('would catch %s', (text) => {
    expect(impurities(sample('libs/detection/src/a.ts', text))).toHaveLength(1);
  });
});

describe('homes of libraries', () => {
  it('holds in every source', () => {
    expect(sources.flatMap(strayLibraries)).toEqual([]);
  });
  it.each([
    ['apps/worker/src/a.ts', "import { Server } from 'socket.io';"],
    ['apps/dashboard/src/alerts.tsx', "import { io } from 'socket.io-client';"],
    ['apps/dashboard/src/alerts.tsx', "import { Line } from 'recharts';"],
    ['libs/storage/src/a.ts', "import { Injectable } from '@nestjs/common';"],
    ['apps/ingest/src/a.ts', "import { Queue } from 'bullmq';"],
  ])('would catch %s: %s', (path, text) => {
    expect(strayLibraries(sample(path, text)).length).toBeGreaterThan(0);
  });
});

describe('numbers and times of the page', () => {
  it('are written in one place', () => {
    expect(sources.flatMap(strayFormats)).toEqual([]);
  });
  it.each([
    "const text = new Date(ts).toLocaleTimeString('en');",
    "const numbers = new Intl.NumberFormat('en');",
    'const hour = new Date(ts).getHours();',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a sample of source text
    'const text = `${part} %`;',
  ])('would catch %s', (text) => {
    expect(strayFormats(sample('apps/dashboard/src/a.tsx', text))).toHaveLength(1);
  });
});

describe('times of the page', () => {
  it('are written anew wherever they are written, when another zone is chosen', () => {
    expect(sources.flatMap(frozenTimes)).toEqual([]);
  });
  it('would be caught', () => {
    const text = 'const Since = ({ ts }: Of) => <p>{moment(ts)}</p>;';
    expect(frozenTimes(sample('apps/dashboard/src/a.tsx', text))).toHaveLength(1);
    expect(frozenTimes(sample('apps/dashboard/src/a.tsx', `useZone();${text}`))).toEqual([]);
  });
});

describe('words of the page', () => {
  it('call an actor a user, and a subject by its type', () => {
    expect(sources.flatMap(strayWords)).toEqual([]);
  });
  it.each([
    "const says = 'Whom the actor met.';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a sample of source text
    'const says = `${count} subjects are held`;',
    '<Fact name="Subject">',
    '<p>Every subject is calm</p>',
    '      Erase an actor',
  ])('would catch %s', (text) => {
    expect(strayWords(sample('apps/dashboard/src/a.tsx', text)).length).toBeGreaterThan(0);
  });
});

describe('the gallery', () => {
  it('shows every component that pages share', () => {
    expect(unshown(sources)).toEqual([]);
  });
  it('would be found wanting', () => {
    const seal = sample('apps/dashboard/src/ui/seal.tsx', 'export const Seal = () => <p />;');
    expect(unshown([...sources, seal])).toHaveLength(1);
    expect(unshown([...sources, seal, sample('apps/dashboard/src/gallery/a.tsx', '<Seal />')])).toEqual([]);
  });
});

describe('traces of one machine', () => {
  it('are in no tracked file', () => {
    const texts = tracked
      .filter(
        (path) => !/\.(png|ico|woff2?)$/.test(path) && path !== 'test/house/rules.ts' && path !== 'test/architecture.spec.ts',
      )
      .flatMap(read);
    expect(texts.flatMap(machineTraces)).toEqual([]);
  });
  // Put together here, so that this file is no finding itself.
  it.each([`see ${['', 'work', 'main'].join('/')}`, `from ${['registry', 'npmjs', 'org'].join('.')}/x`])(
    'would be caught: %s',
    (text) => {
      expect(machineTraces(sample('a.md', text))).toHaveLength(1);
    },
  );
});

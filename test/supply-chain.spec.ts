/** What the product is made of: only what the table of dependencies names, with integrity, from no fixed address. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Entry {
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  version?: string;
}
interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const lock = json<{ packages: Record<string, Entry> }>('package-lock.json');
const installed = Object.entries(lock.packages).filter(([path, entry]) => path.includes('node_modules/') && !entry.link);
const document = readFileSync('docs/dependencies.md', 'utf8');
const manifests = [
  'package.json',
  ...['apps', 'libs', 'test/hosts'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}/package.json`)),
];
const direct = manifests.flatMap((path) => {
  const { dependencies, devDependencies } = json<Manifest>(path);
  return Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => !name.startsWith('@plimsoll/'));
});

it('locks every package by SHA-512 and no address', () => {
  expect(installed.length).toBeGreaterThan(400);
  expect(installed.filter(([, entry]) => !entry.integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, entry]) => /^https?:/.test(entry.resolved ?? '')).map(([path]) => path)).toEqual([]);
});

it('pins direct dependencies exactly, as locked', () => {
  for (const [name, wanted] of direct) {
    const version = wanted.replace(/^npm:.+@/, ''); // Another name for a package: `npm:express@4.22.3`.
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(
      installed.some(([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version),
      `${name}@${version}`,
    ).toBe(true);
  }
});

it('names each direct dependency with its reason, and no other', () => {
  const named = [...document.matchAll(/^\| ([@\w./-]+) \| .+ \| .+ \|$/gm)]
    .map((row) => row[1])
    .filter((name) => name !== 'package');
  const wanted = [...new Set(direct.map(([name]) => name).filter((name) => !name.startsWith('@types/')))];
  expect(named.sort()).toEqual(wanted.sort());
});

it('knows each package that has an install script', () => {
  const known = [...document.matchAll(/^- `([^`]+)`$/gm)].map((row) => row[1]);
  const found = installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path.split('node_modules/').at(-1));
  expect([...new Set(found)].sort()).toEqual(known.sort());
});

it('lists what runs in production in a bill of materials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sbom-'));
  try {
    const file = join(folder, 'sbom.json');
    execFileSync(process.execPath, ['scripts/sbom.mjs', file], { stdio: 'pipe' });
    const { components } = json<{ components: { name: string; group?: string }[] }>(file);
    const names = new Set(components.map(({ name, group }) => (group ? `${group}/${name}` : name)));
    for (const name of ['zod', 'bullmq', 'pg', '@nestjs/core', 'jose', 'react']) expect(names, name).toContain(name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Packed, root } from '../test/packed.js';

let packed: Packed;
beforeAll(() => {
  packed = new Packed();
  for (const name of ['express', 'express4', 'fastify', 'fastify4', 'koa', 'hono', '@hono/node-server']) packed.beside(name);
  for (const name of ['@types/node', '@nestjs/common', '@nestjs/core', 'rxjs', 'reflect-metadata']) packed.beside(name);
  cpSync(join(root, 'libs/sdk/test/entry-points.cjs'), join(packed.folder, 'entry-points.cjs'));
}, 60_000);
afterAll(() => packed.stop());

const inside = (...path: string[]) => join(packed.folder, 'node_modules/@plimsoll/sdk', ...path);

describe('the package as it is published', () => {
  it('is required and imported alike, and guards every framework in both', () => {
    const { required, imported, served } = JSON.parse(packed.run(['entry-points.cjs']));
    expect(required).toEqual(imported);
    expect(required).toEqual({
      '/index': ['plimsoll'],
      '/express': ['plimsollExpress'],
      '/fastify': ['plimsollFastify'],
      '/koa': ['plimsollKoa'],
      '/hono': ['plimsollHono'],
      '/http': ['guardUpgrades', 'plimsollHttp'],
      '/tokens': ['Dpop', 'MemoryReplays', 'RefreshFamilies'],
    });
    const refused = { express4: 403, express: 403, fastify4: 403, fastify: 403, koa: 403, hono: 403, http: 403 };
    expect(served).toEqual([refused, refused]);
  }, 30_000);

  it('needs no other package, and names none in its declarations but those of the frameworks', () => {
    const manifest = JSON.parse(readFileSync(inside('package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    const named = new Set<string>();
    for (const folder of ['dist', 'dist/cjs']) {
      for (const file of readdirSync(inside(folder)).filter((name) => /\.(js|d\.ts)$/.test(name))) {
        const text = readFileSync(inside(folder, file), 'utf8');
        for (const [, from = ''] of text.matchAll(/(?:from |import\(|require\()['"]([^.'"][^'"]*)['"]/g)) named.add(from);
      }
    }
    expect([...named].filter((name) => !name.startsWith('node:')).sort()).toEqual(['@nestjs/common', '@nestjs/core']);
  });

  it.each(['mts', 'cts'])(
    'has types that a strict .%s project takes, declarations checked',
    (ending) => {
      const text = `
      import { type Guard, plimsoll, type Verdict } from '@plimsoll/sdk';
      import { plimsollExpress } from '@plimsoll/sdk/express';
      import { plimsollFastify } from '@plimsoll/sdk/fastify';
      import { plimsollHono } from '@plimsoll/sdk/hono';
      import { guardUpgrades, plimsollHttp } from '@plimsoll/sdk/http';
      import { plimsollKoa } from '@plimsoll/sdk/koa';
      import { PLIMSOLL, PlimsollModule } from '@plimsoll/sdk/nest';
      import { Dpop, RefreshFamilies, type RefreshStorage } from '@plimsoll/sdk/tokens';

      const guard: Guard = plimsoll({ url: 'http://localhost', key: 'k' });
      const verdict: Verdict = guard.check({ actor: 'a' });
      if (verdict.verdict === 'throttle') verdict.retryAfterSeconds.toFixed();
      guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1', verdict: verdict.verdict });
      // @ts-expect-error a status is a number
      guard.record({ method: 'GET', path: '/', status: '200', ip: '192.0.2.1' });
      export const all = [plimsollExpress({ guard }), plimsollFastify({ guard }), plimsollHono({ guard }), plimsollKoa({ guard })];
      export const nest = PlimsollModule.forRootAsync({ inject: ['x'], useFactory: async (url: string) => ({ url, key: 'k' }) });
      export const rest = [plimsollHttp({ guard }, () => undefined), guardUpgrades, PLIMSOLL];
      export const tokens = (storage: RefreshStorage) => [new Dpop({ origin: 'https://a.example' }), new RefreshFamilies(storage)];
    `;
      writeFileSync(join(packed.folder, `host.${ending}`), text);
      const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
      // Of the frameworks' own declarations nothing is claimed here.
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const found = (() => {
        try {
          return packed.run([compiler, ...options, '--skipLibCheck', 'false', '--experimentalDecorators', `host.${ending}`]);
        } catch (error) {
          return String((error as { stdout: string }).stdout);
        }
      })();
      expect(found.split('\n').filter((line) => line.includes('@plimsoll') || line.startsWith('host.'))).toEqual([]);
      expect(found).not.toMatch(/error TS(5|6)\d\d\d/);
    },
    40_000,
  );
});

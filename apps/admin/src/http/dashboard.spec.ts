import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../../test/setup/admin-server.js';

let folder: string;
let server: AdminServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-dashboard-'));
  await mkdir(join(folder, 'built', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'canary');
  await writeFile(join(folder, 'built', 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(folder, 'built', 'assets', 'app-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'built', 'assets', 'big-3c4d.js'), 'plain');
  await writeFile(join(folder, 'built', 'assets', 'big-3c4d.js.gz'), gzipSync('compressed'));
  await writeFile(join(folder, 'built', 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  server = await AdminServer.start({ env: { DASHBOARD_DIR: join(folder, 'built') } });
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

describe('the dashboard', () => {
  it.each(['/', '/sign-in', '/alerts/alt_1?tab=x', '/services/a/b'])('%s is the page, always fresh', async (path) => {
    const answer = await server.fetch(path);
    expect([answer.status, answer.text]).toEqual([200, '<!doctype html><title>Console</title>']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  it('lets browsers keep files that are named by their content, and no others', async () => {
    const script = await server.fetch('/assets/app-1a2b.js');
    expect([script.status, script.text]).toEqual([200, 'export {};']);
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await server.fetch('/favicon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it('sends the compressed form that the build left beside a file, to whoever takes it', async () => {
    const taken = await server.fetch('/assets/big-3c4d.js', { headers: { 'accept-encoding': 'gzip' } });
    // What was compressed differs here from what was not, so that one is told from the other.
    expect([taken.text, taken.headers.get('content-encoding')]).toEqual(['compressed', 'gzip']);
    expect(taken.headers.get('content-type')).toMatch(/javascript/);
    expect(taken.headers.get('vary')).toMatch(/accept-encoding/i);
    const plain = await server.fetch('/assets/big-3c4d.js', { headers: { 'accept-encoding': 'identity' } });
    expect([plain.text, plain.headers.get('content-encoding')]).toEqual(['plain', null]);
    expect(plain.headers.get('vary')).toMatch(/accept-encoding/i);
  });

  it('does not let a missing file be remembered', async () => {
    const missing = await server.fetch('/assets/gone-9z.js');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%5csecret.txt',
  ])('%s does not leave its folder', async (path) => {
    expect((await server.fetch(path)).text).not.toContain('canary');
  });

  it.each(['/api/none', '/v1/requests', '/api'])('%s is not the page', async (path) => {
    expect((await server.fetch(path)).status).toBe(404);
  });

  it('says so where it was not built', async () => {
    const bare = await AdminServer.start({ env: { DASHBOARD_DIR: join(folder, 'nowhere') } });
    try {
      expect((await bare.fetch('/')).text).toContain('DASHBOARD_DIR');
    } finally {
      await bare.close();
    }
  });
});

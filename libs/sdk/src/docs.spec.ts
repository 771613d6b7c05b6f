/** Every program of docs/sdk is run as a customer would run it: beside the packed SDK, as it stands on the page. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decision, FakePlimsoll, KEY, risk, until } from '../test/fake-plimsoll.js';
import { Packed, root } from '../test/packed.js';

interface Program {
  page: string;
  number: number;
  language: string;
  text: string;
  /** What it prints, where the page says so. */
  output: string | undefined;
}

const pages = readdirSync(join(root, 'docs/sdk')).filter((name) => name.endsWith('.md'));
const programs = pages.flatMap((page): Program[] => {
  const text = readFileSync(join(root, 'docs/sdk', page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({ language, body }));
  return blocks.flatMap(({ language, body }, index) => {
    if (language !== 'js' && language !== 'ts') return [];
    const next = blocks[index + 1];
    return [{ page, number: index, language, text: body, output: next?.language === 'text' ? next.body : undefined }];
  });
});
const servers = programs.filter(({ output }) => output === undefined);

let packed: Packed;
let plimsoll: FakePlimsoll;
let stop: () => Promise<number | string> = async () => 0;

beforeAll(() => {
  packed = new Packed();
  for (const name of ['express', 'fastify', 'koa', '@koa/router', 'hono', '@hono/node-server', 'ws', 'reflect-metadata', 'rxjs'])
    packed.beside(name);
  for (const name of ['common', 'core', 'platform-express']) packed.beside(`@nestjs/${name}`);
  packed.beside('@types/node');
  mkdirSync(join(packed.folder, 'programs'));
  writeFileSync(join(packed.folder, 'package.json'), '{ "private": true, "type": "module" }');
}, 60_000);
afterAll(() => packed.stop());
beforeEach(async () => {
  plimsoll = await new FakePlimsoll().start();
});
afterEach(async () => {
  await stop();
  await plimsoll.stop();
});

/** The file that Node runs; what is TypeScript is checked and compiled first. */
function fileOf({ page, number, language, text }: Program): string {
  const file = `programs/${page.replace('.md', '')}-${number}.${language}`;
  writeFileSync(join(packed.folder, file), text);
  if (language === 'js') return file;
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
  packed.run([compiler, ...options, '--experimentalDecorators', '--emitDecoratorMetadata', file]);
  return file.replace(/ts$/, 'js');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs it; gives its address. `stop` asks it to end and gives its exit code. */
async function run(program: Program): Promise<string> {
  const port = await freePort();
  const env = { ...process.env, PLIMSOLL_URL: plimsoll.url, PLIMSOLL_KEY: KEY, PORT: String(port), NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [fileOf(program)], { cwd: packed.folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  stop = () => {
    child.kill();
    return ended;
  };
  return `http://127.0.0.1:${port}`;
}

const call = (url: string, user: string) => fetch(`${url}/orders/7?x=1`, { headers: { 'x-user': user } });

/** The answer to mallory's request, once the program listens and holds the decisions. */
async function refusedAt(url: string): Promise<globalThis.Response> {
  for (const end = performance.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
    const answer = await call(url, 'mallory').catch(() => undefined);
    if (answer?.status === 403) return answer;
    await answer?.text();
    if (performance.now() > end) throw new Error('it never refused');
  }
}

describe('the programs of docs/sdk', () => {
  it('are there for every way into the package', () => {
    const entries = ['express', 'fastify', 'nest', 'koa', 'hono', 'http'].filter((name) =>
      servers.some(({ text }) => text.includes(`@plimsoll/sdk/${name}'`)),
    );
    expect(entries).toHaveLength(6);
    expect(servers.length).toBeGreaterThanOrEqual(8);
  });

  it.each(servers)(
    '$page, program $number, refuses, records by template, and ships all before it ends',
    async (program) => {
      const block = (id: string) => decision({ subject: { type: 'actor', id } });
      plimsoll.publish(block('mallory'), block('probe'));
      const url = await run(program);
      const refused = await refusedAt(url);
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(await refused.json()).toMatchObject({ status: 403, code: 'forbidden' });
      const served = await call(url, 'ada');
      expect([served.status, (await served.text()).length > 0]).toEqual([200, true]);
      if (program.text.includes("'probe'")) expect((await call(url, 'probe')).status).toBe(200);
      if (program.text.includes('x-support')) expect(refused.headers.get('x-support')).toMatch(/^https:/);
      // Nest raises the signal again when its hooks are through, where the process still runs by then.
      expect(program.text.includes('enableShutdownHooks') ? [0, 'SIGTERM'] : [0]).toContain(await stop());
      await until(() => plimsoll.logs.some(({ actor }) => actor === 'ada'), 'the log of what was served');
      expect(plimsoll.logs.find(({ actor }) => actor === 'ada')).toMatchObject({
        path: '/orders/7',
        route: '/orders/:id',
        status: 200,
      });
      expect(plimsoll.logs.find(({ actor, verdict }) => actor === 'mallory' && verdict === 'block')).toMatchObject({
        status: 403,
      });
    },
    40_000,
  );

  it('the server of WebSockets greets whom it lets in, and refuses the others', async () => {
    const program = servers.find(({ text }) => text.includes('WebSocketServer')) as Program;
    plimsoll.publish(decision());
    const url = (await run(program)).replace('http', 'ws');
    await refusedAt(url.replace('ws', 'http'));
    const dial = (user: string) => new WebSocket(`${url}/live`, { headers: { 'x-user': user } });
    const [greeting] = await once(dial('ada'), 'message');
    expect(String(greeting)).toBe('hello');
    const [error] = await once(dial('mallory'), 'error');
    expect(String(error)).toContain('403');
  }, 40_000);

  it.each(programs.filter(({ output }) => output !== undefined))(
    '$page, program $number, prints what the page says',
    async (program) => {
      const rate = { requests: 2, windowSeconds: 60 };
      plimsoll.publish(
        decision(),
        decision({ action: 'throttle', rate, subject: { type: 'address', id: '192.0.2.7' } }),
        decision({ action: 'challenge', endpoint: 'POST /refunds', subject: { type: 'actor', id: 'carol' } }),
      );
      plimsoll.raise(risk({ subject: { type: 'actor', id: 'dave' }, signals: ['token-theft'], alerts: 1 }));
      const env = { ...process.env, PLIMSOLL_URL: plimsoll.url, PLIMSOLL_KEY: KEY };
      const child = spawn(process.execPath, [fileOf(program)], { cwd: packed.folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
      expect([Buffer.concat(output as Buffer[]).toString(), code]).toEqual([program.output, 0]);
    },
    40_000,
  );
});

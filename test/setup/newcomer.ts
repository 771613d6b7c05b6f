/**
 * The newcomer's way, scripted in a real browser: from a fresh installation to an own Express app that is protected, an attack
 * on it that is seen, and its user blocked. What hands do is counted, one for each click, each text that is typed and sent, each
 * thing copied and put where it belongs, each command; all that takes time is the machine's, since the script's hands take none.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

export interface Way {
  /** What hands did, in order. */
  steps: string[];
  /** From the opening of the sign-in link to the 403, in seconds. */
  seconds: number;
}

/** An app of somebody's own before Plimsoll: Express, a sign-in of its own, one route. */
const before = `import express from 'express';

const authenticate = (request, response, next) => {
  if (request.get('x-user')) request.user = { id: request.get('x-user') };
  next();
};

const app = express();
`;
const after = `
app.get('/orders/:id', (request, response) => response.json({ order: request.params.id }));
const server = app.listen(process.env.PORT);
process.once('SIGTERM', () => server.close(() => process.exit()));
`;

export class OwnApp {
  private child: ChildProcess | undefined;
  private stopped = false;

  private constructor(
    private readonly home: string,
    readonly folder: string,
    readonly port: number,
  ) {}

  /** A folder beside a checkout of Plimsoll, with Express installed and nothing of Plimsoll in it. */
  static async make(): Promise<OwnApp> {
    const home = await mkdtemp(join(tmpdir(), 'plimsoll-newcomer-'));
    const folder = join(home, 'my-api');
    await mkdir(join(home, 'node_modules'), { recursive: true });
    await mkdir(folder);
    await symlink(resolve('.'), join(home, 'plimsoll'), 'dir');
    await symlink(resolve('node_modules/express'), join(home, 'node_modules/express'), 'dir');
    await writeFile(join(folder, 'package.json'), '{ "name": "my-api", "private": true, "type": "module" }\n');
    await writeFile(join(folder, 'server.mjs'), `${before}app.use(authenticate);\n${after}`);
    return new OwnApp(home, folder, await freePort());
  }

  /** A command that was copied; the folder is no place of ours, so that npm may be asked for nothing but what is here. */
  async command(text: string): Promise<void> {
    const [name = '', ...args] = text.split(' ');
    const child = spawn(name, [...args, '--offline', '--no-audit', '--no-fund'], { cwd: this.folder, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${text}: exit ${code}`);
  }

  async putEnvironment(text: string): Promise<void> {
    await writeFile(join(this.folder, '.env'), `${text}\nPORT=${this.port}\n`);
  }

  /** In the place of the one line that signed users in. */
  async putCode(text: string): Promise<void> {
    await writeFile(join(this.folder, 'server.mjs'), `${before}${text}\n${after}`);
  }

  /** @throws after `stop`: a test that ran out of time must start nothing more. */
  async start(): Promise<void> {
    if (this.stopped) throw new Error('the own app was stopped');
    this.child = spawn(process.execPath, ['--env-file=.env', 'server.mjs'], {
      cwd: this.folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await this.settles(() => listens(this.port), 'the own app listens');
  }

  /** Status of a request in the name of a user; 0 where nobody answers. */
  async call(user: string, id = 7): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/orders/${id}`, { headers: { 'x-user': user } }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer();
    return answer?.status ?? 0;
  }

  async settles(condition: () => Promise<boolean>, what: string): Promise<void> {
    for (const end = Date.now() + 60_000; !(await condition()); await new Promise((done) => setTimeout(done, 50))) {
      if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.child && this.child.exitCode === null && this.child.kill('SIGKILL')) await once(this.child, 'exit');
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Without a request: the first one is the newcomer's to make. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Presses a copy button and gives what the clipboard holds then. */
async function copied(page: Page, what: string): Promise<string> {
  await page.getByRole('button', { name: `Copy ${what}` }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/**
 * @param page of a context that may read the clipboard and has an authenticator. @param link printed by the start.
 * @param app the caller's to stop, however this ends
 */
export async function walk(page: Page, link: string, app: OwnApp): Promise<Way> {
  const steps: string[] = [];
  const hand = async (what: string, work: () => Promise<unknown>) => {
    steps.push(what);
    await work();
  };
  const begun = performance.now();
  await hand('open the printed link', () => page.goto(link));
  await hand('press Protect an API', () => page.getByRole('link', { name: 'Protect an API' }).click());
  await hand('make a passkey', () => page.getByRole('button', { name: 'Make a passkey' }).click());
  await hand('type the name, Enter', async () => {
    await page.getByLabel('Name of the API').fill('my-api');
    await page.getByLabel('Name of the API').press('Enter');
  });
  await page.getByText('Waiting for the first request…').waitFor();
  await hand('copy and run the install command', async () => app.command(await copied(page, 'install command')));
  await hand('copy the environment', async () => app.putEnvironment(await copied(page, 'environment')));
  await hand('copy the code', async () => app.putCode(await copied(page, 'code for Express')));
  await hand('start the app', () => app.start());
  await hand('call it once', () => app.call('ada'));
  await page.getByText('First request received: GET /orders/:id').waitFor({ timeout: 30_000 });
  await hand('run the loop as one user', async () => {
    for (let request = 0; request < 300; request += 1) await app.call('mallory', request % 40);
  });
  await page.getByRole('link', { name: /User mallory/ }).waitFor({ timeout: 60_000 });
  await hand('open the alert', () => page.getByRole('link', { name: /User mallory/ }).click());
  await hand('press Block', () => page.getByRole('button', { name: 'Block', exact: true }).click());
  await hand('confirm', () => page.getByRole('button', { name: 'Confirm block' }).click());
  await app.settles(async () => (await app.call('mallory')) === 403, 'the blocked user is answered 403');
  return { steps, seconds: (performance.now() - begun) / 1000 };
}

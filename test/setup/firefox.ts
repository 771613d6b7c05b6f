/** Firefox, where it is installed, by WebDriver BiDi over a plain websocket: enough to open pages, look at them and press buttons. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/** The command that starts it; undefined where there is none. `PLIMSOLL_FIREFOX` wins. */
export function findFirefox(): string | undefined {
  const names = [process.env['PLIMSOLL_FIREFOX'] ?? '', 'firefox-esr', 'firefox'].filter(Boolean);
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

type Result = Record<string, unknown>;
const UNTIL_MS = 20_000;
const OPEN_WITHIN_MS = 90_000;

/** The address that it prints. @throws where it ends before. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk;
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(told)?.[1];
      if (found) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}: ${told.slice(-500)}`)));
  });
}

export class Firefox {
  private readonly waiting = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  private sent = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: WebSocket,
    private readonly profile: string,
  ) {
    socket.on('message', (data) => {
      const { id, type, result, message } = JSON.parse(String(data)) as Result & { id?: number };
      const waiter = id === undefined ? undefined : this.waiting.get(id);
      if (id === undefined || waiter === undefined) return;
      this.waiting.delete(id);
      if (type === 'success') waiter.resolve(result as Result);
      else waiter.reject(new Error(String(message)));
    });
  }

  static async open(command: string): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'plimsoll-firefox-'));
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' },
    });
    // Whatever of a start fails or hangs: nothing of it is left running.
    const late = setTimeout(() => child.kill('SIGKILL'), OPEN_WITHIN_MS);
    try {
      const socket = new WebSocket(`${await listening(child)}/session`);
      await once(socket, 'open');
      const firefox = new Firefox(child, socket, profile);
      const gone = once(child, 'exit').then(() => Promise.reject(new Error('Firefox ended before its session began')));
      await Promise.race([firefox.send('session.new', { capabilities: {} }), gone]);
      gone.catch(() => undefined);
      return firefox;
    } catch (error) {
      child.kill('SIGKILL');
      await rm(profile, { recursive: true, force: true });
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async tab(): Promise<Tab> {
    const { context } = await this.send('browsingContext.create', { type: 'tab' });
    return new Tab(this, String(context));
  }

  send(method: string, params: object): Promise<Result> {
    this.sent += 1;
    const id = this.sent;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  async close(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.send('browser.close', {}).catch(() => this.child.kill());
    await gone;
    this.socket.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

export class Tab {
  constructor(
    private readonly firefox: Firefox,
    private readonly context: string,
  ) {}

  async goto(url: string): Promise<void> {
    await this.firefox.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  /** What an expression gives in the page: a text, a number, a truth. @throws with the page's own words where it throws. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, target: { context: this.context }, awaitPromise: true };
    const { type, result, exceptionDetails } = await this.firefox.send('script.evaluate', params);
    if (type === 'success') return (result as { value?: unknown }).value;
    throw new Error(String((exceptionDetails as { text?: string }).text));
  }

  /** Until the page shows this text. */
  async shows(text: string): Promise<void> {
    const end = Date.now() + UNTIL_MS;
    const shown = `document.body.innerText.includes(${JSON.stringify(text)})`;
    while (!(await this.evaluate(shown).catch(() => false))) {
      if (Date.now() > end)
        throw new Error(`not shown: ${text}. There is: ${String(await this.evaluate('document.body.innerText')).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Presses the first button, link or item of a menu that is called so. */
  async press(name: string): Promise<void> {
    const found = `[...document.querySelectorAll('button, a, [role=menuitem]')].find((node) =>
      (node.getAttribute('aria-label') ?? node.textContent).trim() === ${JSON.stringify(name)})`;
    const end = Date.now() + UNTIL_MS;
    while (!(await this.evaluate(`Boolean(${found})`))) {
      if (Date.now() > end) throw new Error(`no button ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.evaluate(`(${found}).click()`);
  }
}

/**
 * The SDK as its users get it: packed into a tarball, unpacked into an empty folder outside the workspace, beside the
 * frameworks that a host has. What runs there resolves modules as in a customer's project, and sees the built package.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
const sdk = join(root, 'libs/sdk');

export class Packed {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-packed-'));
  readonly #children: ReturnType<typeof spawn>[] = [];

  /** Packs what `npm run build` has built. */
  constructor() {
    if (!existsSync(join(sdk, 'dist/cjs/package.json'))) throw new Error('the SDK is not built: npm run build');
    execFileSync('npm', ['pack', '--silent', '--pack-destination', this.folder], {
      cwd: sdk,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const tarball = readdirSync(this.folder).find((name) => name.endsWith('.tgz')) ?? '';
    const home = join(this.folder, 'node_modules/@plimsoll/sdk');
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['-xzf', join(this.folder, tarball), '-C', home, '--strip-components=1']);
  }

  /** Puts a package of the workspace beside the SDK, under the name that a host knows it by. */
  beside(name: string, from = join(root, 'node_modules', name)): this {
    const to = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to, 'dir');
    return this;
  }

  /** Runs a script there and gives its output; fails where it does. */
  run(args: string[], node = process.execPath): string {
    return execFileSync(node, args, { cwd: this.folder, encoding: 'utf8', timeout: 60_000 });
  }

  /** Starts a script there that prints one line when it is ready; gives that line. */
  async start(args: string[], env: Record<string, string>): Promise<string> {
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const line = once(child.stdout, 'data').then(([data]) => String(data).trim());
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
    return Promise.race([line, ended]);
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.kill()) await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs the program in this process; what it prints is kept from the terminal. */
async function run(...args: string[]) {
  const text = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text.out += chunk;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text.err += chunk;
    return true;
  });
  vi.spyOn(console, 'log').mockImplementation((line) => {
    text.out += `${line}\n`;
  });
  vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  await main(args);
  const { exitCode } = process;
  vi.restoreAllMocks();
  return { ...text, exitCode };
}
const write = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const flood = Array.from(
  { length: 500 },
  (_, n) => `1.2.3.4 - - [17/May/2015:10:05:${String(n % 5).padStart(2, '0')} +0000] "GET /a HTTP/1.1" 200 1\n`,
).join('');

describe('plimsoll replay', () => {
  it('prints a JSON object a line, or a table', async () => {
    const path = write('flood.log', flood);
    const { out } = await run('replay', '--format', 'apache', path);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      phase: 'opened',
      kind: 'rate',
      subject: { type: 'address', id: '1.2.3.4' },
      endpoint: 'GET /a',
    });
    const summary = await run('replay', '--format', 'apache', '--summary', path);
    expect(summary.out).toContain('address 1.2.3.4');
    expect(summary.out).toContain('500 logs from 500 lines.');
  });
  it.each([['replay'], ['replay', '--summary'], ['ship', '--service', 'x', '--data', folder]])(
    'fails where no line can be read, and says what to do: %s',
    async (...command) => {
      const { out, err, exitCode } = await run(...command, write('passwd', 'root:x:0:0\nbin:x:1:1\n'));
      expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
      expect(err).toMatch(
        /^2 of 2 lines could not be read:\n(.*\n){2}No log was found\. Name the right format with --format \(ndjson, /,
      );
    },
  );
  it('takes settings from a file, and says what is wrong with it', async () => {
    const path = write('flood.log', flood);
    const tolerant = write('tolerant.json', '{"sensitivity": 100}');
    expect((await run('replay', '--settings', tolerant, '--format', 'apache', path)).out).toBe('');
    const faulty = write('faulty.json', '{"sensitivity": -1}');
    const { err, exitCode } = await run('replay', '--settings', faulty, path);
    expect(err).toMatch(/^The settings in .*faulty\.json cannot be used/);
    expect(exitCode).toBe(1);
  });
  it('says in one sentence what it cannot read', async () => {
    expect(await run('replay', join(folder, 'absent'))).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/there is no such file\.\n$/),
    });
    expect(await run('replay', folder)).toMatchObject({ exitCode: 1, err: expect.stringMatching(/it is a folder\.\n$/) });
    const { err } = await run('replay', '--summary', '--format', 'apache', write('rubbish', 'rubbish\n'));
    expect(err).toMatch(/^1 of 1 lines could not be read:\n.*rubbish:1: no \[time\] of an access log: rubbish\n/);
  });
});

describe('plimsoll ship', () => {
  const ship = (...args: string[]) => run('ship', '--service', 'shop', '--data', folder, ...args);
  it('needs a running product or a server and a key', async () => {
    const { err, exitCode } = await ship(write('flood.log', flood));
    expect(err).toMatch(/^No Plimsoll runs on .*: start it with npm start, or name a server and a key/);
    expect(exitCode).toBe(1);
  });
  it('refuses what makes no sense', async () => {
    expect((await ship('-')).err).toMatch(/^Only files can be shipped/);
    expect((await ship('--speed', '2', write('flood.log', flood))).err).toMatch(/^--speed needs --time now/);
  });
});

describe('plimsoll simulate', () => {
  it('attacks no other machine', async () => {
    const { err, exitCode } = await run('simulate', '--attack', 'flood', '--url', 'http://example.com', '--data', folder);
    expect(err).toMatch(/^simulate attacks this machine only/);
    expect(exitCode).toBe(1);
  });
  it('says when nobody answers', async () => {
    const { out, exitCode } = await run(
      'simulate',
      '--attack',
      'probing',
      '--seconds',
      '1',
      '--url',
      'http://127.0.0.1:9',
      '--data',
      folder,
    );
    expect(out).toContain('probing against http://127.0.0.1:9: somebody looks for files that are not there');
    expect(exitCode).toBe(1);
  });
});

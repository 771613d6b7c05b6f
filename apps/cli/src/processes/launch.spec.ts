import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startOf } from '../../bin/processes.mjs';
import { launch } from './launch.js';

const script = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
const start = (mode: string, lines: string[] = []) =>
  launch({
    name: mode,
    command: process.execPath,
    args: [script, mode],
    ready: 'message',
    stopSignal: 'SIGTERM',
    onLine: (line) => lines.push(line),
  });

describe('a launched process', () => {
  it('is ready when it says so, and gone after stop, which may be called twice', async () => {
    const server = await start('serves');
    expect(startOf(server.pid)).toBeDefined();
    await Promise.all([server.stop(), server.stop()]);
    expect(await server.exited).toBe('SIGTERM');
    await server.stop();
    expect(startOf(server.pid)).toBeUndefined();
  });

  it('is ended by force when it ignores what it is asked', async () => {
    const lines: string[] = [];
    const server = await start('stubborn', lines);
    await server.stop(1_000);
    expect(await server.exited).toBe('SIGKILL');
    expect(lines).toEqual(['ignoring SIGTERM', 'ignoring SIGQUIT']);
  });

  it.each([
    ['faulty', /faulty did not start: exit code 78 \(DATABASE_URL is missing\)/],
    ['throws', /exit code 1 \(Error: the cause of it all\)/],
  ])('that ends before it is ready is explained by its last word: %s', async (mode, sentence) => {
    await expect(start(mode)).rejects.toThrow(sentence);
  });

  it('that cannot even be started is named', async () => {
    const missing = launch({
      name: 'nothing',
      command: '/nonexistent/program',
      args: [],
      ready: /never/,
      stopSignal: 'SIGTERM',
      onLine: () => {},
    });
    await expect(missing).rejects.toThrow(/nothing could not be started: .*ENOENT/);
  });
});

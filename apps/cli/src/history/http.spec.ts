/** The private server without an engine, its lanes, and requests as statements. With an engine: libs/storage/src/history. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyStanding, openHistory } from '@plimsoll/storage';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchEngine } from './fetch-engine.js';
import { type EngineState, serveHistory } from './http.js';
import { Lane } from './lanes.js';
import { BadRequest, statementOf } from './statement.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(state: EngineState, options?: { stalledMs: number }): Promise<string> {
  const server = serveHistory(() => state, { writer: 'w', reader: 'r' }, options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return `http://writer:w@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the private server', () => {
  it.each([
    [{ preparing: 'fetching the engine' }, 'preparing'],
    [{ off: 'The engine could not be fetched' }, 'off'],
  ])('says why it has no engine: %j', async (state, expected) => {
    const history = openHistory(await serve(state));
    closers.push(() => history.close());
    const standing = await historyStanding(history);
    expect(standing.state).toBe(expected);
    expect(standing.reason).toContain(Object.values(state)[0]);
  });

  it('answers what breaks within the engine as an exception, before and after the first piece', async () => {
    async function* after(pieces: string[], fault: string): AsyncGenerator<Buffer> {
      for (const piece of pieces) yield Buffer.from(piece);
      throw new Error(fault);
    }
    const authorization = `Basic ${Buffer.from('writer:w').toString('base64')}`;
    const ask = async (state: EngineState) => {
      const { origin } = new URL(await serve(state));
      return fetch(origin, { method: 'POST', body: 'SELECT 1', headers: { authorization } });
    };
    const early = await ask({
      run: () => after([], 'Code: 47. DB::Exception: Unknown identifier. (UNKNOWN_IDENTIFIER)'),
      close: () => {},
    });
    expect([early.status, early.headers.get('x-clickhouse-exception-code')]).toEqual([500, '47']);
    const late = { run: () => after(['a piece'], 'Code: 241. DB::Exception: Memory limit.'), close: () => {} };
    await expect(ask(late).then((answer) => answer.text())).rejects.toThrow();
  });
});

describe('a reader', () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  /** An engine whose answers have no end, and which of them are still running. */
  function endless() {
    const running = new Set<object>();
    async function* run(): AsyncGenerator<Buffer> {
      const own = {};
      running.add(own);
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield piece;
        }
      } finally {
        running.delete(own);
      }
    }
    return { running, engine: { run, close: () => {} } };
  }
  async function open(state: EngineState): Promise<Socket> {
    const socket = connect(Number(new URL(await serve(state, { stalledMs: 300 })).port), '127.0.0.1').on('error', () => {});
    closers.push(() => socket.destroy());
    const authorization = Buffer.from('reader:r').toString('base64');
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nauthorization: Basic ${authorization}\r\ncontent-length: 8\r\n\r\nSELECT 1`);
    return socket;
  }

  it('that takes nothing for too long is given up, and its statement ends', async () => {
    const { running, engine } = endless();
    const socket = (await open(engine)).pause();
    await expect.poll(() => running.size).toBe(1);
    await expect.poll(() => running.size, { timeout: 10_000 }).toBe(0);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
  });

  it('that is slow is waited for, leaves no listeners behind, and one that goes ends its statement', async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => warned.push(warning);
    process.on('warning', note);
    closers.push(() => process.off('warning', note));
    const { running, engine } = endless();
    const socket = await open(engine);
    let taken = 0;
    const enough = new Promise<void>((resolve) => {
      socket.on('data', (some) => {
        taken += some.length;
        if (taken > 64 * piece.length) resolve();
      });
    });
    await enough;
    expect([running.size, warned]).toEqual([1, []]);
    socket.destroy();
    await expect.poll(() => running.size, { timeout: 10_000 }).toBe(0);
  });
});

describe('a request', () => {
  const of = (query: string, body = '', readOnly = false) => statementOf(new URLSearchParams(query), Buffer.from(body), readOnly);

  it('is a statement with its settings and parameters before it', () => {
    expect(of("param_a=it's \\&max_threads=1&query_id=x&database=d&enable_http_compression=1", 'SELECT {a:String}')).toEqual({
      sql: 'SELECT {a:String}',
      settings: "USE d; SET param_a = 'it\\'s \\\\', max_threads = '1'",
      format: 'TabSeparated',
    });
    expect(of('query=INSERT+INTO+t+FORMAT+TSV', 'rows')).toMatchObject({
      sql: 'INSERT INTO t FORMAT TSV',
      data: Buffer.from('rows'),
    });
  });

  it('of a reader may set nothing after readonly', () => {
    expect(of('readonly=0', 'SELECT 1', true).settings).toBe("SET readonly = '0', readonly = 1");
  });

  it.each(['max_threads%3D1%3B+DROP=1', 'database=d%3BDROP', 'default_format=TSV%3B'])('with no name is refused: %s', (query) => {
    expect(() => of(query, 'SELECT 1')).toThrow(BadRequest);
  });

  it('that asks nothing is refused', () => {
    expect(() => of('')).toThrow(BadRequest);
  });
});

describe('a lane', () => {
  it('lets in as many as may, the others in turn, and refuses who finds the queue full', async () => {
    const lane = new Lane(1, 1);
    const first = await lane.enter();
    const second = lane.enter();
    expect(await lane.enter()).toBeUndefined();
    expect(lane.refused).toBe(1);
    first?.();
    first?.(); // Twice is once.
    const leave = await second;
    expect(leave).toBeDefined();
    leave?.();
    expect(await lane.enter()).toBeDefined();
  });
});

describe('the engine', () => {
  it('that cannot be fetched is missing, for a reason that is said, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-engine-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const before = process.env['npm_config_registry'];
    process.env['npm_config_registry'] = 'http://127.0.0.1:9/';
    process.env['npm_config_fetch_retries'] = '0';
    closers.push(() => {
      if (before === undefined) delete process.env['npm_config_registry'];
      else process.env['npm_config_registry'] = before;
      delete process.env['npm_config_fetch_retries'];
    });
    const said: string[] = [];
    const fetched = await fetchEngine(join(folder, 'engine'), (sentence) => said.push(sentence));
    expect(fetched).toMatchObject({ missing: expect.stringMatching(/could not be fetched .*tried again at the next start/) });
    expect(said[0]).toMatch(/fetching the engine once/);
  });
});

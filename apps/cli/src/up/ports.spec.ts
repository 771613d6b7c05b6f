import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Command } from 'commander';
import { afterEach, describe, expect, it } from 'vitest';
import { register } from '../commands/up.js';
import { environmentOf } from './apps.js';
import { readyBlock } from './block.js';
import { portsFrom, requireFree } from './ports.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('ports', () => {
  it('follow one another', () => {
    expect(portsFrom(7070)).toEqual({ admin: 7070, ingest: 7071, demo: 7072 });
  });

  it('that are taken are named with what wanted them', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(requireFree({ ingest: port })).rejects.toThrow(
      new RegExp(`^Port ${port}, wanted for ingest, is taken .*--port N`),
    );
    server.close();
    await once(server, 'close');
    await requireFree({ ingest: port });
  });
});

describe('the arguments of up', () => {
  const parsed = (...args: string[]) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    register(program);
    const up = program.commands[0]?.exitOverride().configureOutput({ writeErr: () => {} });
    up?.action(() => {});
    program.parse(['up', ...args], { from: 'user' });
    return up?.opts();
  };

  it('have defaults and take what is given', () => {
    expect(parsed()).toMatchObject({
      demo: true,
      history: true,
      port: 7070,
      verbose: false,
      data: expect.stringMatching(/\.plimsoll$/),
    });
    expect(parsed('--no-demo', '--no-history', '--port', '9000', '--data', '/x', '--verbose')).toEqual({
      demo: false,
      history: false,
      port: 9000,
      data: '/x',
      verbose: true,
    });
  });

  it.each([['--port', '0'], ['--port', '65534'], ['--port', '70 70'], ['--port', '1e3'], ['--port'], ['--prot', '1'], ['extra']])(
    'refuse %s %s',
    (...args) => {
      expect(() => parsed(...args)).toThrow();
    },
  );
});

describe('the environment of the children', () => {
  const settings = {
    ports: portsFrom(7070),
    urls: { admin: 'http://localhost:7070', ingest: 'http://localhost:7071' },
    databaseUrl: 'postgres://secret-database',
    redisUrl: 'redis://secret-redis',
    history: { writer: 'http://secret-writer', reader: 'http://secret-reader' },
    folder: '/data',
    masterKey: 'secret-master',
    feedKey: 'secret-feed',
    demoKey: 'secret-demo',
  };

  it('gives each only the secrets that it needs', () => {
    const secrets = (name: 'ingest' | 'worker' | 'admin' | 'demo') =>
      Object.values(environmentOf(name, settings)).filter((value) => value.includes('secret')).length;
    expect([secrets('ingest'), secrets('worker'), secrets('admin'), secrets('demo')]).toEqual([3, 3, 5, 1]);
    expect(environmentOf('worker', settings)['CLICKHOUSE_URL']).toBe('http://secret-writer');
    expect(environmentOf('admin', settings)['CLICKHOUSE_URL']).toBe('http://secret-reader');
    expect(environmentOf('worker', { ...settings, history: undefined })).not.toHaveProperty('CLICKHOUSE_URL');
    expect(environmentOf('demo', settings)).toEqual({
      PORT: '7072',
      PLIMSOLL_URL: 'http://localhost:7071',
      PLIMSOLL_KEY: 'secret-demo',
    });
  });
});

describe('the block', () => {
  const ready = {
    urls: { admin: 'http://localhost:7070', ingest: 'http://localhost:7071', demo: 'http://localhost:7072' },
    signInUrl: 'http://localhost:7070/sign-in#token',
    demoKey: 'plim_key',
    folder: '/srv/data',
    dataOption: ' --data /srv/data',
    history: 'every request is kept',
    postgresData: '/var/lib/plimsoll/1/data',
    seconds: 4.26,
  };

  it('says everything a newcomer needs', () => {
    const text = readyBlock(ready);
    for (const part of [...Object.values(ready.urls), ready.signInUrl, 'plim_key', ready.postgresData, '4.3 s', 'Ctrl-C']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('npx plimsoll simulate --attack flood --data /srv/data\n');
  });

  it('without a demo speaks of none', () => {
    const { demo: _, ...urls } = ready.urls;
    expect(readyBlock({ ...ready, urls, demoKey: undefined })).not.toMatch(/demo|simulate/i);
  });
});

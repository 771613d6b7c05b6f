/**
 * What a host feels of it when its Plimsoll is away: the p99 of its answers with a Plimsoll that is down, hangs, drips, talks
 * rubbish, pours a gibibyte, redirects, or whose name is gone, against one that is well, by turns in short runs; less what
 * two hosts that are both well differ by. Then all are well again, and each host must be back without a restart.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { faults } from '../../libs/sdk/test/faulty-front.js';
import { type Figure, figure, quantile } from '../report.js';

const CONNECTIONS = 8;
/** Between an answer and the next request of a connection: the host is used, not saturated. */
const THINK_MS = 2;
const WELL = ['well', 'also well'] as const;
const NAME_GONE = 'name gone';

interface State {
  unhandled: number;
  rss: number;
  stats: Record<'recorded' | 'shipped' | 'rejected' | 'dropped' | 'buffered' | 'inFlight', number> & { feedConnected: boolean };
}
interface Host {
  name: string;
  child: ChildProcess;
  port: number;
  p99: number[];
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const told = async <T>(child: ChildProcess): Promise<T> => (await once(child, 'message'))[0] as T;

async function start(name: string, url: string, key: string): Promise<Host> {
  const child = fork(script('away-host.js'), [url, key, name === NAME_GONE ? '' : 'ready'], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return { name, child, p99: [], ...(await told<{ port: number }>(child)) };
}

async function stateOf({ child }: Host): Promise<State> {
  const answer = told<State>(child);
  child.send('state');
  return answer;
}

/** Milliseconds that each answer took. */
async function drive(port: number, seconds: number): Promise<number[]> {
  const took: number[] = [];
  const until = performance.now() + seconds * 1000;
  const one = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const request = `GET /hello HTTP/1.1\r\nHost: h\r\nUser-Agent: bench/1\r\nx-user: user-${index}\r\n\r\n`;
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        socket.write(request);
      };
      const socket = connect(port, '127.0.0.1', send);
      socket.setNoDelay().on('error', reject);
      socket.on('data', (data) => {
        if (!data.toString('latin1').startsWith('HTTP/1.1 200')) return reject(new Error('a request was refused'));
        took.push(performance.now() - sentAt);
        if (performance.now() < until) setTimeout(send, THINK_MS);
        else socket.end(resolve);
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => one(index)));
  return took;
}

export async function awayCosts(quick: boolean): Promise<Figure[]> {
  const rounds = quick ? 2 : 10;
  const seconds = quick ? 0.5 : 2;
  const server = fork(script('away-server.js'), [String(WELL.length + faults.length)]);
  const hosts: Host[] = [];
  try {
    const { key, ports } = await told<{ key: string; ports: number[] }>(server);
    const names = [...WELL, ...faults];
    for (const [index, name] of names.entries()) hosts.push(await start(name, `http://127.0.0.1:${ports[index]}`, key));
    hosts.push(await start(NAME_GONE, 'http://plimsoll.invalid', key));
    const become = async (modes: readonly string[]) => {
      const done = told(server);
      server.send(modes);
      await done;
    };
    await become(['well', 'well', ...faults]);
    for (let round = -1; round < rounds; round += 1) {
      // Another one first in each round; the first round warms up.
      for (const host of [...hosts.slice(round + 1), ...hosts.slice(0, round + 1)]) {
        const took = await drive(host.port, seconds);
        if (round >= 0) host.p99.push(quantile(took, 0.99));
      }
    }
    const during = await Promise.all(hosts.map(stateOf));
    await become(names.map(() => 'well'));
    return [...tell(hosts), ...(await accountFor(hosts, during))];
  } finally {
    for (const { child } of hosts) child.kill();
    server.kill();
  }
}

function tell(hosts: Host[]): Figure[] {
  const [well, alike] = hosts;
  const against = ({ p99 }: Host) =>
    quantile(
      p99.map((ms, round) => ms - (well?.p99[round] ?? Number.NaN)),
      0.5,
    );
  const chance = alike ? Math.abs(against(alike)) : Number.NaN;
  console.log(
    `  p99 of a host that is well: ${quantile(well?.p99 ?? [], 0.5).toFixed(2)} ms; two of them differ by ${chance.toFixed(3)} ms`,
  );
  return hosts.slice(WELL.length).map((host) => {
    console.log(`  ${host.name}: ${against(host).toFixed(3)} ms more`);
    return figure(
      `Plimsoll ${host.name}: what the host's p99 grows by, less the A/A difference`,
      against(host) - chance,
      'ms',
      1,
    );
  });
}

/** Nothing thrown, nothing lost without a count; and who could come back has come back. */
async function accountFor(hosts: Host[], during: State[]): Promise<Figure[]> {
  let wrong = 0;
  for (const [index, { unhandled, stats, rss }] of during.entries()) {
    const { recorded, shipped, rejected, dropped, buffered, inFlight } = stats;
    console.log(
      `  ${hosts[index]?.name}: ${recorded} recorded, ${dropped} dropped, ${buffered} waiting, ${Math.round(rss / 2 ** 20)} MiB, ${unhandled} unhandled`,
    );
    wrong += unhandled + Math.abs(recorded - shipped - rejected - dropped - buffered - inFlight);
  }
  let behind = hosts.filter(({ name }) => name !== NAME_GONE);
  // The longest pause between two tries is 30 s.
  for (let second = 0; second < 35 && behind.length > 0; second += 1) {
    await pause(1_000);
    const states = await Promise.all(behind.map(stateOf));
    behind = behind.filter((_, index) => {
      const { feedConnected, buffered, inFlight } = states[index]?.stats ?? { feedConnected: false, buffered: 1, inFlight: 1 };
      return !feedConnected || buffered + inFlight > 0;
    });
  }
  for (const { name } of behind) console.log(`  ${name}: not back`);
  const after = await Promise.all(hosts.map(stateOf));
  wrong += after.reduce((sum, { unhandled }) => sum + unhandled, 0);
  return [
    figure('Plimsoll away: exceptions, unhandled rejections and logs without a count', wrong, '', 0),
    figure('Plimsoll away: hosts that were not back without a restart', behind.length, '', 0),
  ];
}

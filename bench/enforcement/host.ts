/**
 * What a host pays for a request: hello-world servers with Plimsoll and with others in front, against the bare server, by
 * turns in short runs so that what the machine does meanwhile meets all of them alike. Servers are pinned to one
 * processor, the load and Plimsoll's stand-in to another, where the system can do that.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, figure, quantile } from '../report.js';
import { fetchPeers } from './host-peers.js';

interface Variant {
  framework: 'fastify' | 'express' | 'nest';
  name: string;
}
interface Run {
  /** Microseconds of processor time a request, of the whole server. */
  cpuUs: number;
  perSecond: number;
}

const OURS = 'plimsoll';
const contest: Variant[] = [
  ...['bare', OURS, '@fastify/rate-limit', 'rate-limiter-flexible', 'opentelemetry'].map((name) => ({
    framework: 'fastify' as const,
    name,
  })),
  ...['bare', OURS, 'express-rate-limit', 'rate-limiter-flexible', 'opentelemetry'].map((name) => ({
    framework: 'express' as const,
    name,
  })),
  ...['bare', OURS, '@nestjs/throttler'].map((name) => ({ framework: 'nest' as const, name })),
];
/** Held by the SDK while it is measured. */
const DECISIONS = 100_000;
const TOKEN = 'Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTE3In0.c2lnbmF0dXJl\r\n';

/** `quick`: few and short runs, to see that it works. The figures are those of Fastify and Express; all else is printed. */
export async function hostCosts(quick: boolean): Promise<Figure[]> {
  const spawns = quick ? 1 : 3;
  const rounds = quick ? 2 : 3;
  const seconds = quick ? 0.5 : 2;
  const peers = fetchPeers();
  const children: ChildProcess[] = [];
  try {
    const load = start('host-load.js', [String(DECISIONS)], {}, 1);
    children.push(load);
    const { sink, key } = await message<{ sink: string; key: string }>(load);
    const runs = new Map<Variant, Run[]>(contest.map((variant) => [variant, []]));
    const signedIn = new Map<Variant, Run[]>(contest.map((variant) => [variant, []]));
    // One framework after another: the more processes share the processor's caches, the less is seen of any of them. Each server
    // is begun several times: how V8 happens to compile one process is worth more microseconds than a limiter.
    for (const framework of ['fastify', 'express', 'nest'] as const) {
      const variants = contest.filter((variant) => variant.framework === framework);
      for (let spawned = 0; spawned < spawns; spawned += 1) {
        const servers = await serversOf(variants, { SINK: sink, SINK_KEY: key, PEERS: peers }, children);
        // The first round warms up: what is compiled then is not counted.
        for (let round = -1; round < rounds; round += 1) {
          for (const [variant, { child, port }] of servers) {
            const plain = await measure(load, child, port, seconds, '');
            const withToken = await measure(load, child, port, seconds / 2, TOKEN);
            if (round < 0) continue;
            runs.get(variant)?.push(plain);
            signedIn.get(variant)?.push(withToken);
          }
        }
        await accountFor(variants, servers);
        for (const { child } of servers.values()) child.kill();
      }
    }
    return tell(runs, signedIn);
  } finally {
    for (const child of children) child.kill();
    rmSync(peers, { recursive: true, force: true });
  }
}

type Servers = Map<Variant, { child: ChildProcess; port: number }>;

async function serversOf(variants: Variant[], env: Record<string, string>, children: ChildProcess[]): Promise<Servers> {
  const servers: Servers = new Map();
  for (const variant of variants) {
    const child = start('host-app.js', [variant.framework, variant.name], env, 0);
    children.push(child);
    servers.set(variant, { child, port: (await message<{ port: number }>(child)).port });
  }
  return servers;
}

function start(file: string, args: string[], env: Record<string, string>, processor: number): ChildProcess {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const pinned = existsSync('/usr/bin/taskset') && cpus().length > 1;
  const [command, ...before] = pinned ? ['/usr/bin/taskset', '-c', String(processor), process.execPath] : [process.execPath];
  return spawn(command ?? '', [...before, script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env, NODE_ENV: 'production' },
  });
}

/** The next thing that it says. */
function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once('exit', died).once('message', (said) => {
      child.off('exit', died);
      resolve(said as T);
    });
  });
}

async function ask<T>(child: ChildProcess, what: unknown): Promise<T> {
  const answer = message<T>(child);
  child.send(what as string);
  return answer;
}

type Spent = {
  cpu: NodeJS.CpuUsage;
  stats?: { recorded: number; dropped: number; verdicts: { allow: number }; decisions: number };
};
type Driven = { answered: number; failed: number; seconds: number };

async function measure(load: ChildProcess, child: ChildProcess, port: number, seconds: number, headers: string): Promise<Run> {
  const before = await ask<Spent>(child, 'cpu');
  const driven = await ask<Driven>(load, { port, seconds, headers });
  // What was recorded last is shipped within a quarter of a second: it belongs to these requests.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = await ask<Spent>(child, 'cpu');
  if (driven.failed > 0) throw new Error(`${driven.failed} requests failed`);
  const cpuUs = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { cpuUs: cpuUs / driven.answered, perSecond: driven.answered / driven.seconds };
}

/** Nothing is won by what is not done: each request was judged, recorded and not dropped. */
async function accountFor(variants: Variant[], servers: Map<Variant, { child: ChildProcess }>): Promise<void> {
  for (const variant of variants.filter(({ name }) => name === OURS)) {
    const { child } = servers.get(variant) ?? {};
    const { stats } = child ? await ask<Spent>(child, 'cpu') : {};
    if (
      !stats ||
      stats.decisions !== DECISIONS ||
      stats.dropped > 0 ||
      stats.recorded === 0 ||
      stats.verdicts.allow < stats.recorded
    )
      throw new Error(`${variant.framework}: not all was done: ${JSON.stringify(stats)}`);
  }
}

const median = (values: number[]) => quantile(values, 0.5);

/** Each round's run against the bare one of the same round; then the middle of the rounds. */
function against(bare: Run[], runs: Run[]): { extraUs: number; share: number } {
  const extraUs = median(runs.map((run, round) => run.cpuUs - (bare[round]?.cpuUs ?? Number.NaN)));
  const share = median(runs.map((run, round) => run.perSecond / (bare[round]?.perSecond ?? Number.NaN)));
  return { extraUs, share: share * 100 };
}

function tell(runs: Map<Variant, Run[]>, signedIn: Map<Variant, Run[]>): Figure[] {
  const figures: Figure[] = [];
  const of = (kept: Map<Variant, Run[]>, framework: string, name: string) =>
    [...kept].find(([variant]) => variant.framework === framework && variant.name === name)?.[1] ?? [];
  console.log('\n  host                          CPU a request   more than bare   with a token   of bare throughput');
  for (const [{ framework, name }, own] of runs) {
    const { extraUs, share } = against(of(runs, framework, 'bare'), own);
    const token = against(of(signedIn, framework, 'bare'), of(signedIn, framework, name)).extraUs;
    const cells = [
      `${median(own.map(({ cpuUs }) => cpuUs)).toFixed(1)} us`,
      `${extraUs.toFixed(1)} us`,
      `${token.toFixed(1)} us`,
      `${share.toFixed(0)} %`,
    ];
    console.log(
      `  ${framework.padEnd(8)} ${name.padEnd(21)} ${cells.map((cell, at) => cell.padStart([13, 17, 15, 21][at] ?? 0)).join('')}`,
    );
    if (name !== OURS || framework === 'nest') continue;
    figures.push(figure(`host ${framework}: CPU a request for check, record and shipping`, extraUs, 'us', 6));
    figures.push(figure(`host ${framework}: throughput of bare`, share, '%', framework === 'fastify' ? 80 : 95, 'higher'));
    figures.push(figure(`host ${framework}: CPU a request with a bearer token`, token, 'us', 6));
    const peers = [...runs].filter(([one]) => one.framework === framework && one.name !== OURS && one.name !== 'bare');
    const best = Math.min(...peers.map(([, theirs]) => against(of(runs, framework, 'bare'), theirs).extraUs));
    figures.push(figure(`host ${framework}: CPU a request more than the lightest other`, extraUs - best, 'us', 0));
  }
  return figures;
}

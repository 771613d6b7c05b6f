/**
 * Drives an attack over real HTTP at a steady pace whatever the answers are, and counts them. Loopback only: this is a
 * tool to watch one's own demo, not to harm anybody's server.
 */
import { Agent, request as httpRequest } from 'node:http';
import { isIPv4 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../fault.js';
import type { AttackRequest } from './attacks.js';

/** Requests beyond this are not sent while as many wait for an answer; they are counted as unsent. */
const MOST_IN_FLIGHT = 256;
const PATIENCE_MS = 10_000;
const TICK_MS = 20;

export interface Drive {
  url: URL;
  /** Address that the shop is told by X-Forwarded-For, so that the attacker is not everybody on this machine. */
  address: string;
  rate: number;
  seconds: number;
  request: (n: number) => AttackRequest;
}

export interface Course {
  sent: number;
  unsent: number;
  /** Requests without an answer. */
  failed: number;
  statuses: Map<number, number>;
  /** Answers other than 403 and 429 before the first of these. */
  servedBefore: number;
  /** The first 429 or 403 by Plimsoll: its status, and milliseconds after the first request. */
  firstRefusal: { status: number; afterMs: number } | undefined;
}

/** A URL on this machine over plain HTTP; anything else is refused. */
export function loopbackUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') throw new Fault(`${text} is no http:// address of the demo on this machine.`);
  const host = url.hostname;
  if (host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))) return url;
  throw new Fault(`simulate attacks this machine only, and ${host} is another: use a URL on localhost.`);
}

/** Runs the attack to its end or until `signal` aborts; `onSecond` hears of each second's counts, and of the course so far. */
export async function drive(
  plan: Drive,
  signal: AbortSignal,
  onSecond: (second: number, counts: Map<number, number>, course: Course) => void,
): Promise<Course> {
  const course: Course = { sent: 0, unsent: 0, failed: 0, statuses: new Map(), servedBefore: 0, firstRefusal: undefined };
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_IN_FLIGHT });
  const inFlight = new Set<Promise<void>>();
  const began = performance.now();
  let counts = new Map<number, number>();
  let second = 1;
  for (let n = 0; !signal.aborted; ) {
    const elapsed = performance.now() - began;
    if (elapsed >= second * 1000) {
      onSecond(second, counts, course);
      counts = new Map();
      second += 1;
      if (second > plan.seconds) break;
    }
    for (const due = (elapsed / 1000) * plan.rate; n < due; n += 1) {
      if (inFlight.size >= MOST_IN_FLIGHT) {
        course.unsent += 1;
        continue;
      }
      course.sent += 1;
      const current = counts;
      const one = send(plan, plan.request(n), agent)
        .then((status) => note(course, current, status, performance.now() - began))
        .finally(() => inFlight.delete(one));
      inFlight.add(one);
    }
    await sleep(TICK_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(inFlight);
  agent.destroy();
  return course;
}

function note(course: Course, second: Map<number, number>, status: number | undefined, afterMs: number): void {
  if (status === undefined) {
    course.failed += 1;
    return;
  }
  course.statuses.set(status, (course.statuses.get(status) ?? 0) + 1);
  second.set(status, (second.get(status) ?? 0) + 1);
  if (course.firstRefusal) return;
  if (status === 429 || status === 403) course.firstRefusal = { status, afterMs };
  else course.servedBefore += 1;
}

/** The status of the answer, or undefined where there is none. Redirects are not followed. */
function send(plan: Drive, { method, path, headers, body }: AttackRequest, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      new URL(path, plan.url),
      {
        method,
        agent,
        timeout: PATIENCE_MS,
        headers: { ...headers, 'x-forwarded-for': plan.address, 'user-agent': 'plimsoll-simulate' },
      },
      (answer) => {
        answer.resume();
        answer.once('close', () => resolve(answer.statusCode));
      },
    );
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve(undefined));
    outgoing.end(body);
  });
}

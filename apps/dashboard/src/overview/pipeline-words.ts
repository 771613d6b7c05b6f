/** The health of the pipeline as figures with their colours. Pure: what is worth a colour can be tested. */
import type { Pipeline } from '@plimsoll/contracts';
import { duration, exact, milliseconds, percent, share } from '../format.js';

export interface Fact {
  name: string;
  value: string;
  /** Below the value. */
  note: string;
  look: 'good' | 'warning' | 'bad';
  /** What it means, and what to do where it is not well. */
  help: string;
  /** Services have more of it. */
  more?: true;
}

/** Ingestion refuses when the oldest job is a minute old; people should hear of it long before. */
const LATE_MS = 5_000;
const REFUSING_MS = 60_000;
/** Ingestion refuses at 80 % of Redis's memory. */
const NEARLY_FULL = 0.6;
const FULL = 0.8;

const graver = (bad: boolean, warning: boolean): Fact['look'] => (bad ? 'bad' : warning ? 'warning' : 'good');

function lag({ waiting, oldestWaitingMs }: Pipeline): Fact {
  const late = oldestWaitingMs >= LATE_MS;
  return {
    name: 'Lag',
    value: oldestWaitingMs < 1_000 ? 'none' : duration(oldestWaitingMs / 1_000),
    note: waiting === 0 ? 'no job waits' : `${exact(waiting)} ${waiting === 1 ? 'job waits' : 'jobs wait'}`,
    look: graver(oldestWaitingMs >= REFUSING_MS, late),
    help: 'How long the oldest batch waits for a worker; until then its requests raise no alert. Workers are behind or gone: see their logs, or start more. After a minute of it ingestion takes nothing new, and SDKs try again later.',
  };
}

function drops({ missing, refused, failed, late }: Pipeline): Fact {
  const notes = [
    refused > 0 && `${exact(refused)} batches refused`,
    failed > 0 && `${exact(failed)} jobs given up`,
    late > 0 && `${exact(late)} logs late`,
  ].filter(Boolean);
  return {
    name: 'Drops of the last day',
    value: missing === 0 ? 'none' : `${exact(missing)} logs`,
    note: notes.length > 0 ? notes.join(', ') : 'nothing refused, nothing late',
    look: graver(missing > 0 || failed > 0, refused > 0),
    help: 'Logs that should be in the history and are not: refused at the door, given up by workers, or lost with a process. The page of each service says what came to its door and what its history lacks.',
    more: true,
  };
}

function memory({ memoryShare }: Pipeline): Fact {
  return {
    name: 'Room in Redis',
    value: memoryShare === 0 ? 'no limit set' : `${share(memoryShare, 1)} used`,
    note: `from ${percent(FULL)} on nothing new is taken`,
    look: graver(memoryShare >= FULL, memoryShare >= NEARLY_FULL),
    help: 'The queue and what was learnt are kept in Redis. Where it fills up, workers are behind, or its maxmemory is too small for the traffic: raise it.',
  };
}

export const flowFacts = (pipeline: Pipeline): Fact[] => [lag(pipeline), drops(pipeline), memory(pipeline)];

/** How far the newest decision has come in a service's instances. */
export function receiptText({ instances, enforcing, behind, vanished, p99Ms }: Pipeline['services'][number]): string {
  const notes = [
    behind > 0 && `${exact(behind)} behind`,
    vanished > 0 && `${exact(vanished)} not heard of`,
    p99Ms !== null && `within ${milliseconds(p99Ms)}`,
  ].filter(Boolean);
  return [`${exact(enforcing)} of ${exact(instances)} enforce the newest decision`, ...notes].join(', ');
}

export const receiptLook = ({ behind, vanished }: Pipeline['services'][number]): Fact['look'] => graver(vanished > 0, behind > 0);

/**
 * `plimsoll erase ACTOR`: the same order as in the console, from a shell of the machine; the workers carry it out. Waits for the report
 * and prints it. Exit code 0: done; 4: ordered, and not done in time (it goes on, and the console has the report).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Erasure } from '@plimsoll/contracts';
import { createErasure, pseudonymKey, pseudonymOf, readErasure, recordAudit } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';
import { masterKey, withDatabase } from '../stores/records.js';
import { defaultData } from '../up/data-folder.js';

const EXIT_LATE = 4;
const LOOK_MS = 500;
const BY = 'command line';

interface EraseOptions {
  data: string;
  reason: string;
  wait: string;
}

function reportOf({ id, pseudonym, erased, kept }: Erasure): string {
  const lines = erased.map(({ place, count }) => `  ${String(count).padStart(8)}  ${place}`);
  const left = kept.map(({ place, why }) => `  ${place}: ${why}`);
  const found = lines.length > 0 ? ['Erased:', ...lines] : ['Nothing of it was found.'];
  return [`${id} (${pseudonym}) is done.`, ...found, 'Kept:', ...left, ''].join('\n');
}

async function erase(actor: string, { data, reason, wait }: EraseOptions): Promise<void> {
  const seconds = Number(wait);
  if (!Number.isFinite(seconds) || seconds < 0) throw new Fault('--wait takes seconds.');
  if (actor.length > 768 || actor.trim() === '') throw new Fault('An actor has 1 to 768 characters.');
  const key = await masterKey(data);
  await withDatabase(data, async (db) => {
    const pseudonym = pseudonymOf(await pseudonymKey(db, key), actor);
    const asked = await db.transaction(async (tx) => {
      const order = await createErasure(tx, { actor, pseudonym, by: BY, reason }, Date.now());
      const deed = { action: 'actor.erase', object: order.id, about: { type: 'actor', id: actor } as const, reason };
      await recordAudit(tx, { at: Date.now(), personId: null, ...deed, detail: { pseudonym, by: BY }, address: '' });
      return order;
    });
    const end = Date.now() + seconds * 1_000;
    let now: Erasure | undefined = asked;
    while (now?.doneAt === null && Date.now() < end) {
      await sleep(LOOK_MS);
      now = await readErasure(db, asked.id);
    }
    if (now && now.doneAt !== null) process.stdout.write(reportOf(now));
    else {
      process.stdout.write(
        `${asked.id} is ordered and not done yet: the workers carry it out, and the console has the report.\n`,
      );
      process.exitCode = EXIT_LATE;
    }
  });
}

export function register(program: Command): void {
  program
    .command('erase <actor>')
    .description('remove an actor from every store; cannot be undone')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--wait <seconds>', 'how long to wait for the report', '120')
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .action((actor: string, options: EraseOptions) => erase(actor, options));
}

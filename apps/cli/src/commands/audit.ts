/**
 * `plimsoll audit verify` and `plimsoll audit export`: read the audit's chain where it lies, without the admin process, so that
 * who is audited is not asked whether the audit is whole. Exit code 0: whole; 3: something is wrong with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditFault,
  auditSigner,
  type Checkpoint,
  faultText,
  namedAudit,
  readChain,
  readCheckpoint,
  storedCheckpoints,
  verifyAudit,
} from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';
import { masterKey, withDatabase } from '../stores/records.js';
import { AUDIT_CHECKPOINTS } from '../up/apps.js';
import { defaultData } from '../up/data-folder.js';

const EXIT_TAMPERED = 3;
const PAGE = 500;

interface AuditOptions {
  data: string;
  checkpoints?: string;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    throw new Fault(`The checkpoints in ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function verify({ data, checkpoints }: AuditOptions): Promise<void> {
  const signer = auditSigner(await masterKey(data));
  const file = checkpoints ?? join(data, AUDIT_CHECKPOINTS);
  const fromFile = checkpoints !== undefined || existsSync(file) ? linesOf(file) : [];
  await withDatabase(data, async (db) => {
    const stored = await storedCheckpoints(db);
    const known = [...stored.map(({ jws }) => jws), ...fromFile].map((jws) => ({ jws, checkpoint: readCheckpoint(jws, signer) }));
    const good = known.flatMap(({ checkpoint }): Checkpoint[] => (checkpoint ? [checkpoint] : []));
    const forged = stored.filter(({ jws }) => readCheckpoint(jws, signer) === undefined);
    const verified = await verifyAudit(db, good);
    const faults: AuditFault[] = [...verified.faults, ...forged.map(({ id }) => ({ type: 'forged-checkpoint', id }) as const)];
    const unread = known.length - good.length - forged.length;
    if (unread > 0) faults.push({ type: 'forged-checkpoint', id: 0 });
    const newest = Math.max(0, ...good.map(({ id }) => id));
    const signed = newest === 0 ? 'no checkpoint' : `${good.length} checkpoints, the newest of row ${newest}`;
    process.stdout.write(`${verified.rows} rows, ${signed}.\n`);
    if (faults.length === 0) return void process.stdout.write('The audit is whole.\n');
    for (const fault of faults) process.stdout.write(`${faultText(fault)}\n`);
    throw new Fault('The audit is not whole.', EXIT_TAMPERED);
  });
}

/** Oldest first: the order in which the hashes follow each other. */
async function print({ data }: AuditOptions): Promise<void> {
  await withDatabase(data, async (db) => {
    for (let after = 0; ; ) {
      const rows = await readChain(db, after, PAGE);
      const named = await namedAudit(db, rows);
      const text = rows.map((row, index) => `${JSON.stringify({ ...row, named: named[index] })}\n`).join('');
      if (text !== '' && !process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      after = rows.at(-1)?.id ?? after;
      if (rows.length < PAGE) return;
    }
  });
}

export function register(program: Command): void {
  const audit = program.command('audit').description('verify or export what people did and were refused');
  const data = ['--data <dir>', 'data folder of the running installation', defaultData] as const;
  audit
    .command('verify')
    .description('look for edits, gaps and a missing end; exit code 3 where there is one')
    .option(...data)
    .option('--checkpoints <file>', 'signed heads that were kept elsewhere, one a line')
    .action((options: AuditOptions) => verify(options));
  audit
    .command('export')
    .description('print every row as one line of JSON: as it is in the chain, and with names')
    .option(...data)
    .action((options: AuditOptions) => print(options));
}

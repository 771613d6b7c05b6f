/**
 * The `plimsoll` program: its commands, each loaded only when it is asked for, so that a short one starts fast. Faults
 * that a person can mend are printed as one sentence; anything else is a bug and shows its stack.
 */
import { Command } from 'commander';
import { Fault } from './fault.js';

interface CommandModule {
  register(program: Command): void;
}

const commands = new Map<string, () => Promise<CommandModule>>([
  ['up', () => import('./commands/up.js')],
  ['history-server', () => import('./commands/history-server.js')],
  ['sign-in-link', () => import('./commands/sign-in-link.js')],
  ['members', () => import('./commands/members.js')],
  ['keys', () => import('./commands/keys.js')],
  ['migrate', () => import('./commands/migrate.js')],
  ['audit', () => import('./commands/audit.js')],
  ['erase', () => import('./commands/erase.js')],
  ['simulate', () => import('./commands/simulate.js')],
  ['ship', () => import('./commands/ship.js')],
  ['query', () => import('./commands/query.js')],
  ['backtest', () => import('./commands/backtest.js')],
  ['replay', () => import('./commands/replay.js')],
  ['score-series', () => import('./commands/score-series.js')],
]);

/** Sentences for faults of the system that can happen anywhere. */
const systemFaults: Record<string, string> = {
  ENOSPC: 'The disk is full: free some room and start again.',
  EMFILE: 'This process may open no more files: raise the limit (ulimit -n) and start again.',
  EROFS: 'The folder is on a read-only disk: name another data folder with --data.',
};

/** Prints what went wrong and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof Fault) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  process.stderr.write(`${systemFaults[code] ?? (error instanceof Error ? error.stack : String(error))}\n`);
  return 1;
}

export async function main(args: string[]): Promise<void> {
  const program = new Command('plimsoll').description('A load line for APIs.').version('0.1.0');
  program.showHelpAfterError('Add --help to see the options.');
  const asked = commands.get(args[0] ?? '');
  try {
    for (const load of asked ? [asked] : commands.values()) (await load()).register(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

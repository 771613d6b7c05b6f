/** `plimsoll history-server`: the private ClickHouse of `up`, as a process of its own. Its options come on standard input: there are passwords among them. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { type ServeOptions, serve } from '../history/serve.js';

export function register(program: Command): void {
  program
    .command('history-server', { hidden: true })
    .action(async () => serve(JSON.parse(await text(process.stdin)) as ServeOptions));
}

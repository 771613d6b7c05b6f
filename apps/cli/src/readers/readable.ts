/** Files of which not one line can be read: mostly another format than the one named or guessed, and then nothing is done. */
import { Fault } from '../fault.js';
import { type FormatChoice, formats } from './formats.js';
import { logsOf } from './log-file.js';
import { Tally } from './tally.js';

/** The fault where there were lines and none was a log. */
export function nothingReadable(tally: Tally): Fault | undefined {
  if (tally.logs > 0 || tally.lines === 0) return undefined;
  const hint = `No log was found. Name the right format with --format (${Object.keys(formats).join(', ')}), or give the server's own with --log-format.`;
  return new Fault([...tally.remarks(), hint].join('\n'));
}

/** Reads until the first log. @throws Fault where lines are all that there is */
export async function requireReadable(paths: readonly string[], format: FormatChoice): Promise<void> {
  const tally = new Tally();
  for (const [index, path] of paths.entries()) {
    for await (const _ of logsOf({ path, index, format }, { tally })) return;
  }
  const fault = nothingReadable(tally);
  if (fault) throw fault;
}

/** The options of the command line that say how files are written, for every command that reads files. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Fault } from '../fault.js';
import { type Format, type FormatChoice, formats } from './formats.js';
import { readerOfFormat } from './log-format/log-format.js';

export interface FormatOptions {
  format?: Format;
  logFormat?: string;
  forwarded?: number | true;
}

const MOST_PROXIES = 20;

function proxies(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= MOST_PROXIES))
    throw new InvalidArgumentError(`A whole number from 1 to ${MOST_PROXIES}.`);
  return value;
}

export function addFormatOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'format of the files (default: by the first line)').choices(Object.keys(formats)))
    .option(
      '--log-format <string>',
      "the server's own format: of nginx's log_format ('$remote_addr ...') or Apache's LogFormat ('%h ...'), or common, combined, vhost_combined",
    )
    .option(
      '--forwarded [n]',
      'with --log-format: the client is the n-th address from the right of X-Forwarded-For (default: 1, what the nearest proxy saw)',
      proxies,
    );
}

/** @throws Fault where the options do not fit each other, or the format string is not understood */
export function formatChoice({ format, logFormat, forwarded }: FormatOptions): FormatChoice {
  if (logFormat === undefined) {
    if (forwarded !== undefined) throw new Fault('--forwarded needs --log-format.');
    return format;
  }
  if (format !== undefined && format !== 'nginx' && format !== 'apache')
    throw new Fault(`--log-format is for nginx and apache, not for ${format}.`);
  return readerOfFormat(logFormat, { server: format, forwarded: forwarded === true ? 1 : forwarded });
}

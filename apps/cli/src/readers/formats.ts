/** The formats that files are read in, by the names of the command line. */
import { readAccessLine } from './access-line.js';
import { readCaddyLine } from './caddy.js';
import { readEnvoyLine } from './envoy.js';
import { readNdjsonLine } from './ndjson.js';
import type { Reader } from './reading.js';
import { readTraefikLine } from './traefik.js';

export const formats = {
  ndjson: readNdjsonLine,
  nginx: readAccessLine,
  apache: readAccessLine,
  caddy: readCaddyLine,
  traefik: readTraefikLine,
  envoy: readEnvoyLine,
} satisfies Record<string, Reader>;

export type Format = keyof typeof formats;

/** How files are to be read: a format by name, or a reader that was made for them; undefined: by their first line. */
export type FormatChoice = Format | Reader | undefined;

/** The format that a first line is written in: the first that can read it; ndjson where none can. */
export function guessFormat(line: string): Format {
  const names = Object.keys(formats) as Format[];
  return names.find((name) => 'log' in formats[name](line)) ?? 'ndjson';
}

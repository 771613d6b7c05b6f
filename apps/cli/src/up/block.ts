/** The one block that a newcomer reads when everything serves. */
import type { Run } from './data-folder.js';

export interface Ready {
  urls: Run['urls'];
  signInUrl: string;
  /** Absent with --no-demo. */
  demoKey: string | undefined;
  folder: string;
  /** ` --data DIR` where the folder is not the usual one, for commands to copy. */
  dataOption: string;
  /** Whether requests are kept. */
  history: string;
  /** Where PostgreSQL's data lies when it could not lie in the folder. */
  postgresData: string | undefined;
  seconds: number;
}

/** Aligned lines; each address alone on its line, so that it can be copied. */
export function readyBlock(ready: Ready): string {
  const { urls } = ready;
  const lines: [string, string][] = [
    ['Console', urls.admin],
    ['Sign in (once, within 15 minutes)', ready.signInUrl],
    ['Ingestion', urls.ingest],
  ];
  if (ready.demoKey === undefined || urls.demo === undefined) {
    lines.push(['Ingest keys', 'make one in the console, under Services']);
  } else {
    lines.push(['Ingest key of service demo', ready.demoKey], ['Demo shop', urls.demo]);
    lines.push(['Attack the demo', `npx plimsoll simulate --attack flood${ready.dataOption}`]);
  }
  lines.push(['Request history', ready.history], ['Data', ready.folder]);
  if (ready.postgresData !== undefined) lines.push(["PostgreSQL's data", ready.postgresData]);
  lines.push(['Another sign-in link', `npx plimsoll sign-in-link${ready.dataOption}`], ['Stop', 'Ctrl-C']);
  const width = Math.max(...lines.map(([name]) => name.length));
  const rows = lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['', `Plimsoll is ready (${ready.seconds.toFixed(1)} s).`, '', ...rows, ''].join('\n');
}

/** CrowdSec's behavioural tests, their raw logs through the product's own readers: bursts without any history. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Format } from '../../apps/cli/src/readers/formats.js';
import { Tally } from '../../apps/cli/src/readers/tally.js';
import type { AlertLine } from '../../apps/cli/src/replay/alert-lines.js';
import { runReplay } from '../../apps/cli/src/replay/run.js';
import { figure } from '../report.js';
import type { Part } from './part.js';
import { SETTINGS } from './product.js';

const DATA = '../shared/data/crowdsec';
const FORMATS: Record<string, Format> = { apache2: 'apache', nginx: 'nginx', caddy: 'caddy', traefik: 'traefik' };
const LEGITIMATE = '_legit_';

interface Expected {
  log_type: string;
  alerts: { scenario: string; sources: string[] }[];
}

interface Folder {
  folder: string;
  /** Sources that CrowdSec alerts on, and those of them that we do not. */
  sources: string[];
  missed: string[];
  alerts: { kind: string; subject: string; explanation: string }[];
}

export async function crowdsecPart(): Promise<Part> {
  if (!existsSync(DATA)) {
    console.error(`${DATA} not found. CrowdSec's tests lie at https://github.com/crowdsecurity/hub (.tests): put them there.`);
    process.exit(2);
  }
  const folders: Folder[] = [];
  for (const folder of readdirSync(DATA, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    folders.push(await play(folder.name));
  for (const { folder, missed, alerts } of folders)
    console.log(
      `${folder}: ${alerts.map(({ kind, subject }) => `${kind} ${subject}`).join(', ') || '-'}${missed.length > 0 ? `; missed ${missed}` : ''}`,
    );
  const attacks = folders.filter(({ folder }) => !folder.startsWith(LEGITIMATE));
  const legitimate = folders.filter(({ folder }) => folder.startsWith(LEGITIMATE));
  const found = attacks.filter(({ missed }) => missed.length === 0).length;
  const wrong = legitimate.reduce((sum, { alerts }) => sum + alerts.length, 0);
  const figures = [
    figure('CrowdSec folders whose sources are all found', found, `of ${attacks.length}`, attacks.length, 'higher'),
    figure('CrowdSec _legit_ folders, alerts', wrong, 'alerts', 0),
  ];
  return { figures, tables: { crowdsec: folders } };
}

async function play(folder: string): Promise<Folder> {
  const inside = join(DATA, folder);
  const described = join(inside, 'expected.json');
  const expected: Expected = existsSync(described)
    ? JSON.parse(readFileSync(described, 'utf8'))
    : { log_type: 'nginx', alerts: [] };
  const opened: AlertLine[] = [];
  const paths = readdirSync(inside).filter((name) => name.endsWith('.log'));
  await runReplay(
    paths.map((name) => join(inside, name)),
    {
      service: 'crowdsec',
      settings: SETTINGS,
      format: FORMATS[expected.log_type],
      spread: false,
      tally: new Tally(),
      onLine: (line) => {
        if (line.phase === 'opened') opened.push(line);
      },
    },
  );
  const sources = [...new Set(expected.alerts.flatMap((alert) => alert.sources))].sort();
  const named = new Set(opened.flatMap(({ subject, addresses = [] }) => [subject.id, ...addresses]));
  const alerts = opened.map(({ kind, subject, explanation }) => ({
    kind,
    subject: `${subject.type} ${subject.id}`,
    explanation,
  }));
  return { folder, sources, missed: sources.filter((source) => !named.has(source)), alerts };
}

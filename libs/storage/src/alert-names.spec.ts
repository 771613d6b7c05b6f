/** Names from clients in the index that keeps alerts apart: PostgreSQL refuses a row, and with it a batch, whose entry is too long. */
import { endpointNamed } from '@plimsoll/detection';
import { expect, it, onTestFinished } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { makeFinding, NOW } from '../../../test/setup/findings.js';
import { recordFinding } from './alerts.js';
import { openDatabase } from './database.js';
import { createService } from './services.js';

/** So mixed that nothing of it can be packed. */
const letters = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => String.fromCodePoint(from + ((at * 7919) % 20_000))).join('');

it('fit into it, however long and odd a client makes them', async () => {
  const { db, close } = openDatabase(await freshDatabase(), { max: 1 });
  onTestFinished(close);
  await createService(db, { id: 'shop' }, NOW);
  const endpoint = endpointNamed(`POST /${letters(0x4e00, 511)}`);
  const findings = [
    makeFinding({ kind: 'credential-stuffing', subject: { type: 'endpoint', id: endpoint }, endpoint }),
    // The longest id that a request log may have.
    makeFinding({ subject: { type: 'actor', id: letters(0x20000, 256) }, endpoint }),
  ];
  for (const finding of findings)
    expect(await db.transaction((tx) => recordFinding(tx, finding, NOW))).toMatchObject({ alert: { endpoint } });
});

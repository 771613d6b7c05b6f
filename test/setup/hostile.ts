/**
 * Hostile texts wherever the console shows what somebody else has chosen: ids, paths, user agents and names as clients and SDKs send
 * them, and what members write. Requests come through the door for logs, so that the history has them; the rest is put where workers,
 * browsers and members leave it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backtestSchema,
  createDecision,
  createKey,
  createPerson,
  createService,
  type Database,
  newId,
  noteReceipts,
  openRedis,
  privacySchema,
  putPolicy,
  recordAudit,
  saveView,
  schema,
  updateService,
} from '@plimsoll/storage';
import type { Page } from 'playwright-core';
import { log } from './ingest-server.js';
import { polyglots } from './polyglots.js';
import type { Product } from './product.js';
import { insertAlert, insertAlertRequest } from './records.js';

const SERVICE = 'hostile';
export const MARK = 'window.hit=1';
/** One of them, where a page is about one alone. */
const ONE = `"><img src=x onerror="${MARK}">`;

/** What the addresses of pages name. */
interface Hostile {
  alert: string;
  backtest: string;
}

/** @param reader whose own pages show it too */
export async function seedHostile(product: Product, db: Database, reader: { id: string; name: string }): Promise<Hostile> {
  const now = Date.now();
  const group = { name: ONE, actors: [ONE], addresses: [] };
  await createService(db, { id: SERVICE, settings: { groups: [group] } }, now);
  await sendRequests(product, db, now);
  await tellOfInstances(product, now);
  const alert = await insertFindings(db, now);
  await insertWritings(db, reader, now);
  return { alert, backtest: await insertBacktest(db, now) };
}

async function sendRequests(product: Product, db: Database, now: number): Promise<void> {
  const { secret } = await createKey(db, { service: SERVICE, name: ONE }, now);
  const requests = polyglots.map((text, index) =>
    log({ ts: now - index * 500, route: `/${text}`, path: `/${text}`, userAgent: text, actor: text, authenticated: true }),
  );
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL('/v1/requests', product.urls.ingest), {
    method: 'POST',
    headers,
    body: JSON.stringify({ requests }),
  });
  if (answer.status !== 202) throw new Error(`the door answered ${answer.status}: ${await answer.text()}`);
}

async function tellOfInstances(product: Product, at: number): Promise<void> {
  const { redisUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
  const redis = openRedis(redisUrl, 'test');
  const said = { service: SERVICE, sdk: '1.0.0', version: 0, appliedMsAgo: 0, via: 'stream', goodbye: false, at } as const;
  const receipts = polyglots.map((text, index) => ({ ...said, instance: `i${index}`, name: text.slice(0, 100) }));
  await noteReceipts(redis, 'plimsoll', receipts);
  redis.disconnect();
}

/** @returns the id of one alert with requests and a decision */
async function insertFindings(db: Database, now: number): Promise<string> {
  let first = '';
  for (const [index, text] of polyglots.entries()) {
    const at = now - index * 1_000;
    const who = { subjectId: text, endpoint: `GET /${text}`, explanation: text, firstAt: at, lastAt: at };
    const id = await insertAlert(db, { service: SERVICE, ...who });
    if (index % 10 === 0) await insertAlertRequest(db, id, { path: `/${text}`, userAgent: text, actor: text, ts: at });
    if (index === 10) first = id;
    if (index % 4 !== 0) continue;
    const subject = { type: 'actor', id: text } as const;
    const order = { service: SERVICE, action: 'block', subject, endpoint: null, rate: null, reason: text, alertId: id } as const;
    const rest = { origin: { type: 'policy', name: text }, until: at + 3_600_000, weight: 9, room: 100 } as const;
    await db.transaction((tx) => createDecision(tx, { ...order, ...rest }, at));
  }
  return first;
}

/** What members, their browsers and the audit hold. */
async function insertWritings(db: Database, reader: { id: string; name: string }, now: number): Promise<void> {
  await createPerson(db, { name: ONE, role: 'viewer' }, now);
  const times = { createdAt: now, lastUsedAt: now, expiresAt: now + 3_600_000 };
  await db
    .insert(schema.session)
    .values({ id: newId('ses'), personId: reader.id, userAgent: ONE, address: '192.0.2.7', ...times });
  await db.transaction(async (tx) => {
    await saveView(tx, reader, { name: ONE, shared: true, search: '?kind=rate' }, now);
    await putPolicy(
      tx,
      { name: ONE, text: `// ${ONE}\npermit (principal, action, resource) when { false };` },
      {
        personId: reader.id,
        name: ONE,
        now,
      },
    );
    for (const text of polyglots.slice(0, 40)) {
      const words = { object: text, reason: text, detail: { [text]: text }, before: { text }, after: { text } };
      await recordAudit(tx, { at: now, personId: null, action: 'alert.comment', address: text, userAgent: text, ...words });
    }
    await tx.insert(privacySchema.erasure).values({
      ...{ id: newId('era'), actor: null, pseudonym: 'anon_0123456789abcdef', askedAt: now, askedBy: ONE, reason: ONE },
      ...{ round: 1, waiting: [], doneAt: now, erased: [], kept: [{ place: ONE, why: ONE }] },
    });
    await updateService(tx, SERVICE, { settings: { flows: [{ name: ONE, steps: [`GET /${ONE}`, 'GET /b'] }] } });
  });
}

async function insertBacktest(db: Database, now: number): Promise<string> {
  const [service] = await db.select().from(schema.service).limit(1);
  const id = newId('btt');
  const subject = { type: 'actor', id: ONE } as const;
  const alert = { kind: 'rate', subject, endpoint: `GET /${ONE}`, severity: 'high', openedAt: now } as const;
  const decision = { action: 'block', subject, endpoint: null, kind: 'rate', decidedAt: now, until: now + 1 } as const;
  const come = { items: [{ ...alert, requests: 1, explanation: ONE, verdict: null }], total: 1 };
  const taken = { items: [{ ...decision, reason: ONE, verdict: null }], total: 1 };
  const none = { items: [], total: 0 };
  const result = {
    ...{ requests: 1, missing: 0, seconds: 1, requestsPerSecond: 1, warmUp: { from: 'nothing' } as const },
    kinds: [{ kind: 'rate' as const, live: 0, backtest: 1, come: 1, go: 0 }],
    alerts: { come, go: none, change: none, stay: 0 },
    decisions: { come: taken, go: none, stay: 0 },
    refused: { live: 0, backtest: 1 },
  };
  const patch = { groups: [{ name: ONE, actors: [ONE], addresses: [] }] };
  const times = { fromAt: now - 60_000, toAt: now, createdAt: now, startedAt: now, endedAt: now };
  const asked = { id, service: SERVICE, state: 'done', patch, settings: service!.settings, policy: 'block', createdBy: ONE };
  await db.insert(backtestSchema.backtest).values({ ...asked, ...times, warmUpDays: 1, share: 1, requests: 1, result } as never);
  return id;
}

const query = (values: Record<string, string>) => `?${new URLSearchParams(values)}`;

/** What a page has to be asked for, so that it shows one of these; the others show them by themselves. */
export function addressOf(path: string, { alert, backtest }: Hostile): string {
  const queries: Record<string, string> = {
    // Instances that are behind are noted meanwhile, and only as many rows are drawn as fit.
    '/audit': query({ action: 'alert.' }),
    '/investigate': query({ service: SERVICE }),
    '/backtests': query({ id: backtest }),
    '/search': query({ text: MARK }),
    '/subject': query({ service: SERVICE, type: 'actor', id: ONE }),
    '/endpoint': query({ service: SERVICE, name: `GET /${ONE}` }),
    '/detection': query({ service: SERVICE }),
    '/start': query({ service: SERVICE }),
  };
  return path.replace('$id', path.startsWith('/alerts/') ? alert : SERVICE) + (queries[path] ?? '');
}

type Role = 'dialog' | 'menu' | 'table';
const shown = (page: Page, role: Role, name?: string) =>
  page
    .getByRole(role, name === undefined ? {} : { name })
    .getByText(MARK)
    .first()
    .waitFor();
/** Opens the first that names one. */
async function openDialog(page: Page): Promise<void> {
  await page.getByRole('button').filter({ hasText: MARK }).first().click();
  await shown(page, 'dialog');
}
/** What was sent is written after some seconds, and the page does not ask again by itself. */
async function openRequest(page: Page): Promise<void> {
  const named = page.getByRole('button').filter({ hasText: MARK });
  for (let tries = 0; tries < 30 && (await named.count()) === 0; tries += 1) {
    await page.reload();
    await page.waitForTimeout(1_500);
  }
  await openDialog(page);
}
/** What of a page is not seen at once, or stands beside others that would show one too. */
export const within: Record<string, (page: Page) => Promise<void>> = {
  '/alerts': async (page) => {
    await page.getByRole('button', { name: 'Views' }).click();
    await shown(page, 'menu');
  },
  '/audit': openDialog,
  '/investigate': openRequest,
  '/services/$id': (page) => shown(page, 'table', 'Instances'),
};

/** Whether the page shows one, as text, in a field, or in a title; run in the page. */
export const SHOWN = `document.body.innerText.includes('${MARK}') ||
  [...document.querySelectorAll('[title], input, textarea')].some(({ title, value }) => (title + (value ?? '')).includes('${MARK}'))`;

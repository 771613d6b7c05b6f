import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { alertKindSchema, evidenceSchema, settingsSchema, severitySchema, subjectSchema } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Tally } from '../readers/tally.js';
import { type AlertLine, AlertLines } from './alert-lines.js';
import { runReplay } from './run.js';
import { Summary } from './summary.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const start = Date.UTC(2026, 0, 5, 10);
interface Entry {
  ts: number;
  [name: string]: unknown;
}
const entry = (seconds: number, more: object): Entry => ({
  ts: start + seconds * 1000,
  method: 'GET',
  path: '/products',
  status: 200,
  ip: '203.0.113.1',
  ...more,
});

/** Half an hour of ten calm users; then one of them asks 40 times a second for ten seconds, and it is calm again. */
const story: Entry[] = [];
for (let second = 0; second < 3000; second += 6) {
  const user = (second / 6) % 10;
  story.push(entry(second, { actor: `user-${user}`, ip: `203.0.113.${user}`, authenticated: true }));
}
for (let n = 0; n < 400; n += 1) story.push(entry(1800 + n / 40, { actor: 'user-3', ip: '203.0.113.3', authenticated: true }));
/** A scanner, which is found by what spans requests: the second stage. */
for (let n = 0; n < 60; n += 1) story.push(entry(2000 + n / 4, { path: `/old-${n}/setup.php`, status: 404, ip: '198.51.100.9' }));
story.sort((a, b) => a.ts - b.ts);

const ndjson = (entries: Entry[]) => entries.map((one) => JSON.stringify(one)).join('\n');
function write(name: string, entries: Entry[]): string {
  const path = join(folder, name);
  writeFileSync(path, ndjson(entries));
  return path;
}
async function replay(paths: string[], spread = false) {
  const lines: AlertLine[] = [];
  const tally = new Tally();
  const settings = settingsSchema.parse({});
  await runReplay(paths, { service: undefined, settings, format: undefined, spread, tally, onLine: (line) => lines.push(line) });
  return { lines, tally };
}
const brief = (lines: AlertLine[]) =>
  lines.map(({ phase, kind, subject, endpoint }) => [phase, kind, subject.id, endpoint ?? null]);

describe('replay', () => {
  it('prints what opens, grows worse and ends, in time order', async () => {
    const { lines, tally } = await replay([write('story', story)]);
    expect(tally).toMatchObject({ logs: story.length, unparsed: 0, late: 0 });
    const opened = lines.filter(({ phase }) => phase === 'opened');
    expect(brief(opened)).toEqual([
      ['opened', 'rate', 'user-3', 'GET /products'],
      ['opened', 'probing', '198.51.100.9', null],
    ]);
    expect(opened[0]?.ts).toBeGreaterThan(start + 1_800_000);
    expect(opened[0]?.ts).toBeLessThan(start + 1_805_000);
    expect(brief(lines.filter(({ phase }) => phase === 'ended'))).toEqual(brief(opened).map(([, ...rest]) => ['ended', ...rest]));
    expect(lines.map(({ ts }) => ts)).toEqual(lines.map(({ ts }) => ts).sort((a, b) => a - b));
  });

  it('prints lines of the fixed form', async () => {
    const form = z.strictObject({
      ts: z.int(),
      kind: alertKindSchema,
      severity: severitySchema,
      score: z.number().min(0).max(1),
      subject: subjectSchema,
      endpoint: z.string().optional(),
      actors: z.array(z.string()).max(1000).optional(),
      addresses: z.array(z.string()).max(1000).optional(),
      observed: z.number(),
      expected: z.number(),
      limit: z.number(),
      unit: z.string(),
      windowSeconds: z.number(),
      evidence: evidenceSchema,
      explanation: z.string().min(20),
      phase: z.enum(['opened', 'updated', 'ended']),
    });
    const { lines } = await replay([write('story', story)]);
    for (const line of lines) expect(form.safeParse(JSON.parse(JSON.stringify(line))).error).toBeUndefined();
    expect(lines.length).toBeGreaterThan(3);
  });

  it('says the same of standard input, of two files to merge, and of lines out of order by seconds', async () => {
    const { lines } = await replay([write('story', story)]);
    const halves = [0, 1].map((odd) =>
      write(
        `half-${odd}`,
        story.filter((_, index) => index % 2 === odd),
      ),
    );
    expect(await replay(halves)).toMatchObject({ lines });
    const shaken = story.map((one, index) => ({ one, at: one.ts + ((index * 7919) % 20_000) })).sort((a, b) => a.at - b.at);
    const { lines: again, tally } = await replay([
      write(
        'shaken',
        shaken.map(({ one }) => one),
      ),
    ]);
    expect(tally.late).toBe(0);
    expect(brief(again)).toEqual(brief(lines));
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(ndjson(story))]) as typeof process.stdin);
    expect((await replay(['-'])).lines).toEqual(lines);
  });

  it('spreads files and standard input alike', async () => {
    const squeezed = story.map((one) => ({ ...one, ts: start + (one.ts % 60_000) }));
    const { lines } = await replay([write('squeezed', squeezed)], true);
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(ndjson(squeezed))]) as typeof process.stdin);
    expect((await replay(['-'], true)).lines).toEqual(lines);
    expect(lines.filter(({ phase }) => phase === 'opened').length).toBeGreaterThan(0);
    for (const { ts } of lines) expect(ts).toBeGreaterThan(start + 60_000);
  });

  it('judges the last ten seconds before a gap and before the end, as the worker does by the clock', async () => {
    const end = 3 * 3600;
    const from = (user: number) => ({ actor: `user-${user}`, ip: `192.0.2.${user}`, authenticated: true });
    const calm = Array.from({ length: end }, (_, second) => entry(second, from(second % 50)));
    const broken = Array.from({ length: 450 }, (_, n) => entry(end + Math.floor(n / 50), { ...from(n % 50), status: 503 }));
    const opened = async (name: string, entries: Entry[]) =>
      (await replay([write(name, entries)])).lines.map(({ phase, kind, ts }) => [phase, kind, ts - start]);
    const told = await opened('broken', [...calm, ...broken]);
    expect(told).toEqual([['opened', 'endpoint-health', expect.any(Number)]]);
    expect(told[0]?.[2]).toBeLessThan((end + 30) * 1000);
    expect((await opened('gap', [...calm, ...broken, entry(end + 400, from(1))]))[0]).toEqual(told[0]);
  });

  it('keeps services apart', async () => {
    const shops = story.flatMap((one) => [
      { ...one, service: 'a' },
      { ...one, service: 'b' },
    ]);
    const { lines } = await replay([write('shops', shops)]);
    const single = (await replay([write('story', story)])).lines;
    expect(brief(lines).sort()).toEqual([...brief(single), ...brief(single)].sort());
  });
});

describe('alert lines', () => {
  const finding = (ts: number, phase: Finding['phase'], severity: Finding['severity'], id = 'user-1') =>
    ({ ts, phase, severity, service: 's', kind: 'rate', subject: { type: 'actor', id }, endpoint: null }) as Finding;
  it('leave out updates of the same severity, and ends of what was never printed', () => {
    const printed: AlertLine[] = [];
    const lines = new AlertLines((line) => printed.push(line));
    lines.take(finding(1000, 'opened', 'low'));
    lines.take(finding(2000, 'updated', 'low'));
    lines.take(finding(3000, 'updated', 'high'));
    lines.take(finding(3000, 'ended', 'low', 'user-2'));
    lines.take(finding(9000, 'ended', 'high'));
    lines.take(finding(9500, 'opened', 'low'));
    lines.flush();
    expect(printed.map(({ ts, phase, severity }) => [ts, phase, severity])).toEqual([
      [1000, 'opened', 'low'],
      [3000, 'updated', 'high'],
      [9000, 'ended', 'high'],
      [9500, 'opened', 'low'],
    ]);
  });
});

describe('the summary', () => {
  it('is a table with a sentence for each alert, safe to print', async () => {
    const summary = new Summary();
    for (const line of (await replay([write('story', story)])).lines) summary.take(line);
    const text = summary.text();
    expect(text).toMatch(/^opened +lasted +severity +kind +subject +endpoint\n2026-01-05T10:30:0\dZ /);
    expect(text).toContain('actor user-3');
    expect(text).toMatch(/2 alerts: 1 (rate|probing), 1 (rate|probing)\.\n$/);
    expect(new Summary().text()).toBe('No alerts.\n');
    const hostile = new Summary();
    hostile.take({ ...(await replay([write('story', story)])).lines[0]!, subject: { type: 'actor', id: '\u001b[2Jx' } });
    expect(hostile.text()).not.toContain('\u001b');
  });
});

/**
 * The first impression: whoever starts the product watches the demo's forty customers, all of them met within minutes. In hours
 * of their shopping nothing is raised, of any kind; and what somebody then does otherwise than all of them is.
 */
import { type RequestLog, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { demoTraffic } from '../setup/demo-traffic.js';
import { Play } from './play.js';
import { HOUR, request, SECOND, START } from './traffic.js';

// Tens of thousands of requests each: some seconds alone, more beside other work.
vi.setConfig({ testTimeout: 120_000 });

const EVENING = START + 20 * HOUR;
const secondsOf = (logs: readonly RequestLog[]) => new Set(logs.map(({ ts }) => Math.floor(ts / SECOND))).size;
const said = (play: Play) => play.opened().map(({ kind, explanation }) => `${kind}: ${explanation}`);

const cart = { name: 'purchase', steps: ['POST /cart', 'POST /checkout'] };
/** An order of what never was in a cart, from a shop that has a hole. */
const hole = (ts: number) =>
  request(ts, { method: 'POST', route: '/checkout', path: '/checkout', status: 201, actor: 'user-05', ip: '198.51.100.14' });

describe('the demo', () => {
  it('raises nothing in its first hours', async () => {
    const logs = await demoTraffic(1, EVENING, 2);
    expect(logs.length).toBeGreaterThan(15_000);
    expect(said(new Play({ shards: 4 }).play(logs))).toEqual([]);
  });

  it('raises nothing where it was stopped in the midst of everything, and started again', async () => {
    const before = await demoTraffic(2, EVENING, 0.4);
    const after = await demoTraffic(3, EVENING + 0.5 * HOUR, 0.9);
    const batches = secondsOf(before);
    const play = new Play({ shards: 4, restart: (batch) => batch === batches }).play([...before, ...after]);
    expect(said(play)).toEqual([]);
  });

  it('raises nothing where its flow is declared, but for an order without a cart', async () => {
    const settings = settingsSchema.parse({ flows: [cart] });
    const play = new Play({ shards: 4, settings }).play(await demoTraffic(4, EVENING, 0.5));
    expect(said(play)).toEqual([]);
    play.play([hole(EVENING + 6 * HOUR)]);
    expect(said(play)).toEqual([expect.stringContaining('sequence: user-05 did POST /checkout once')]);
  });
});

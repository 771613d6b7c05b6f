import type { AlertDetail, AlertEvent } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { alertOf, decisionOf, noParties } from '../samples.fixture.js';
import { campaignOf, timelineOf, turnsOf } from './timeline.js';

const MINUTE = 60_000;
const severitySteps = [
  { from: 0, severity: 'low' },
  { from: 3, severity: 'high' },
  { from: 6, severity: 'critical' },
] as const;
const detailOf = (part: Partial<AlertDetail> = {}): AlertDetail => ({
  ...{ alert: alertOf({ firstAt: MINUTE, lastAt: 9 * MINUTE }), ...noParties, points: [], severitySteps: [...severitySteps] },
  ...{ requests: [], decisions: [] },
  ...part,
});
const event = (part: Partial<AlertEvent>): AlertEvent => ({
  ...{ id: 1, at: 1, type: 'comment', by: 'Ada', note: null, until: null, differs: false, verdict: null },
  ...{ assignee: null, undone: null, reason: null, severity: null, mentions: [] },
  ...part,
});
const point = (minute: number, observed: number) => ({ ts: minute * MINUTE, observed, expected: 1, limit: 10 });
const textsOf = (...input: Parameters<typeof timelineOf>) => timelineOf(...input).map(({ text }) => text);

describe('the line of time', () => {
  it('has the alert, people, decisions and the campaign in the order in which they came', () => {
    const alert = alertOf({ firstAt: MINUTE, endedAt: 8 * MINUTE, campaign: 'al_lead', severity: 'high' });
    const detail = detailOf({
      alert,
      points: [point(1, 12), point(2, 40)],
      decisions: [
        decisionOf({ createdAt: 3 * MINUTE, until: 6 * MINUTE }),
        decisionOf({
          id: 'de_two',
          action: 'block',
          createdAt: 5 * MINUTE,
          alertId: null,
          rate: null,
          reason: 'Enough',
          origin: { type: 'person', name: 'Bo' },
        }),
      ],
    });
    const related = [
      alertOf({ id: 'al_lead', leads: true, firstAt: 2 * MINUTE, subject: { type: 'service', id: 'shop' } }),
      alertOf({ id: 'al_a', campaign: 'al_lead', firstAt: 7 * MINUTE }),
      alertOf({ id: 'al_b', campaign: 'al_lead', firstAt: 7 * MINUTE + 1 }),
      alertOf({ id: 'al_else', firstAt: 4 * MINUTE }),
    ];
    const lines = timelineOf(detail, [event({ at: 4 * MINUTE, type: 'acknowledge', note: 'mine' })], related, 9 * MINUTE);
    expect(lines.map(({ source, text, note, alerts }) => [source, text, note ?? alerts?.length])).toEqual([
      ['alert', 'The alert opened', undefined],
      ['campaign', 'The campaign’s own alert opened', 1],
      ['alert', 'Rose to high: 40 requests a minute', undefined],
      ['decision', 'Throttled by policy throttle, 18 requests a minute', undefined],
      ['person', 'Ada acknowledged it', 'mine'],
      ['decision', 'Blocked by Bo', 'Enough'],
      ['decision', 'Throttle ran out', undefined],
      ['campaign', 'Opened in the campaign', 2],
      ['alert', 'The behaviour stopped', undefined],
    ]);
  });

  it('says of a rise only what the alert became, once, and nothing of before it opened', () => {
    const points = [point(0, 1), point(-9, 90), point(1, 12), point(2, 35), point(3, 5), point(4, 36), point(5, 99)];
    const alert = alertOf({ firstAt: MINUTE, severity: 'high' });
    const sorted = [...points].sort((a, b) => a.ts - b.ts);
    expect(textsOf(detailOf({ alert, points: sorted }), [], [], 9 * MINUTE)).toEqual([
      'The alert opened',
      'Rose to high: 35 requests a minute',
    ]);
  });

  it('says once that the user proved itself', () => {
    const alert = alertOf({ firstAt: MINUTE, provedAt: 5 * MINUTE });
    const challenge = decisionOf({ action: 'challenge', rate: null, createdAt: 2 * MINUTE });
    const proof = { liftedAt: 5 * MINUTE, provedAt: 5 * MINUTE };
    const texts = (decisions: AlertDetail['decisions']) => textsOf(detailOf({ alert, decisions }), [], [], 9 * MINUTE).slice(1);
    expect(texts([{ ...challenge, ...proof }])).toEqual(['Challenged by policy throttle', 'Challenge over: user proved itself']);
    expect(texts([challenge])).toEqual(['Challenged by policy throttle', 'The user proved itself']);
  });
});

describe('decisions of an alert', () => {
  const alert = alertOf({ firstAt: 2 * MINUTE, resolvedAt: 6 * MINUTE });
  const names = (decisions: AlertDetail['decisions']) =>
    turnsOf(detailOf({ alert, decisions }), 9 * MINUTE).map(({ name }) => name);
  it.each([
    ['because of it', { alertId: alert.id, createdAt: MINUTE }, ['throttled']],
    ['before it opened', { alertId: 'al_two', createdAt: MINUTE }, []],
    ['while it lasted', { alertId: null, createdAt: 3 * MINUTE }, ['throttled']],
    ['after its verdict', { alertId: null, createdAt: 7 * MINUTE }, []],
    ['lifted', { createdAt: 3 * MINUTE, liftedAt: 4 * MINUTE, liftedBy: 'Ada' }, ['throttled', 'lifted']],
    ['replaced', { createdAt: 3 * MINUTE, liftedAt: 4 * MINUTE }, ['throttled']],
    ['run out', { createdAt: 3 * MINUTE, until: 4 * MINUTE }, ['throttled', 'ran out']],
    ['never in force', { createdAt: 3 * MINUTE, until: 4 * MINUTE, mode: 'dry-run' }, ['would throttle']],
  ] as const)('%s', (_, part, expected) => expect(names([decisionOf(part)])).toEqual(expected));
});

describe('a campaign', () => {
  it('is those with the same head, and the head', () => {
    const related = ['al_lead', 'al_a', 'al_else'].map((id) => alertOf({ id, campaign: id === 'al_a' ? 'al_lead' : null }));
    const ids = (part: Parameters<typeof alertOf>[0]) => campaignOf(alertOf(part), related).map(({ id }) => id);
    expect(ids({ campaign: 'al_lead' })).toEqual(['al_lead', 'al_a']);
    expect(ids({ id: 'al_lead', leads: true })).toEqual(['al_lead', 'al_a']);
    expect(ids({})).toEqual([]);
  });
});

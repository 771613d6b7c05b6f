/** For the tests of whole models: plain logs, and days of them played as the worker does, with shards and a restart. */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import { expect } from 'vitest';
import { contributionEntity, type Finding, Model, type Population } from './index.js';

const MINUTE = 60_000;
let made = 0;

/** An ordinary answer; whose actor is named is vouched for. */
export function request(ts: number, fields: Partial<RequestLog> = {}): RequestLog {
  made += 1;
  const defaults = { durationMs: 1, bytesIn: 0, bytesOut: 1, userAgent: '', authenticated: fields.actor !== undefined } as const;
  return {
    id: `l${made}`,
    ts: Math.round(ts),
    method: 'GET',
    path: '/a',
    status: 200,
    ip: '192.0.2.1',
    verdict: 'allow',
    timing: 'live',
    ...defaults,
    ...fields,
  };
}

/** `METHOD /route` as the fields of a log. */
export function placeOf(endpoint: string): Pick<RequestLog, 'method' | 'path'> & { route: string } {
  const [method = '', route = ''] = endpoint.split(' ');
  return { method, route, path: route };
}

export function step(model: Model, log: RequestLog, endpoint = 'GET /a', settings = DEFAULT_SETTINGS): Finding[] {
  const assessment = model.assess('shop', log, endpoint, settings);
  model.learn(assessment);
  return assessment.findings;
}

const shardOf = (text: string, shards: number) =>
  [...text].reduce((hash, { length }, index) => hash + text.charCodeAt(index) + length, 0) % shards;

export interface PlayOptions {
  settings?: typeof DEFAULT_SETTINGS;
  shards?: number;
  /** Index of the log before which all models are stored, thrown away and restored. */
  restartAt?: number;
  /** Called before each log. */
  before?: (index: number, models: readonly Model[]) => void;
}

/** Logs in order of time through models that exchange once a minute: all that is found. */
export function playMinutes(logs: readonly RequestLog[], options: PlayOptions = {}): Finding[] {
  const { settings = DEFAULT_SETTINGS, shards = 1, restartAt = -1, before } = options;
  let models = Array.from({ length: shards }, () => new Model());
  const modelOf = (text: string) => models[shardOf(text, shards)] as Model;
  const findings: Finding[] = [];
  const told = new Map<string, Population>();
  let minute = 0;
  for (const [index, log] of logs.entries()) {
    if (log.ts - minute >= MINUTE) {
      minute = log.ts;
      const left = models.flatMap((model) => model.takeContributions());
      for (const one of left) findings.push(...modelOf(contributionEntity(one)).absorb(one, settings));
      for (const population of models.flatMap((model) => model.takePopulations())) {
        told.set(population.endpoint, population);
        for (const model of models) model.setPopulation(population);
      }
      for (const model of models) findings.push(...model.settle(log.ts));
    }
    if (index === restartAt) models = models.map((model) => restarted(model, told));
    before?.(index, models);
    findings.push(...step(modelOf(log.actor ?? log.ip), log, `${log.method} ${log.route}`, settings));
  }
  return findings;
}

function restarted(model: Model, told: ReadonlyMap<string, Population>): Model {
  const next = new Model();
  next.restore(model.takeChanges().puts);
  for (const population of told.values()) next.setPopulation(population);
  expect(next.unreadable).toBe(0);
  return next;
}

/** Tables of backtests: what was asked and what came of it, and the dated copies of the baselines from which they begin. */
import type { BacktestResult, Settings, SettingsPatch } from '@plimsoll/contracts';
import { bigint, customType, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { service } from './schema.js';

const ms = (name: string) => bigint(name, { mode: 'number' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const backtest = pgTable(
  'backtest',
  {
    id: text('id').primaryKey(),
    service: text('service')
      .notNull()
      .references(() => service.id),
    /** queued, running, done, failed, cancelled */
    state: text('state').notNull(),
    fromAt: ms('from_at').notNull(),
    toAt: ms('to_at').notNull(),
    /** What was changed, and all settings with that change. */
    patch: jsonb('patch').$type<SettingsPatch>().notNull(),
    settings: jsonb('settings').$type<Settings>().notNull(),
    policy: text('policy').notNull(),
    warmUpDays: doublePrecision('warm_up_days').notNull(),
    createdAt: ms('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    startedAt: ms('started_at'),
    /** How often, since a worker can die over it. */
    starts: integer('starts').notNull().default(0),
    endedAt: ms('ended_at'),
    share: doublePrecision('share').notNull().default(0),
    requests: ms('requests').notNull().default(0),
    /** When it will be done, by its pace so far. */
    endsAt: ms('ends_at'),
    fault: text('fault'),
    result: jsonb('result').$type<BacktestResult>(),
  },
  (table) => [index('backtest_newest').on(table.createdAt), index('backtest_state').on(table.state)],
);

/** All that was learnt at a time, packed, in parts. Shard -1 holds what all shards share. */
export const baselineCopy = pgTable(
  'baseline_copy',
  {
    takenAt: ms('taken_at').notNull(),
    shard: integer('shard').notNull(),
    part: integer('part').notNull(),
    /** How many shards there were. */
    shards: integer('shards').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.takenAt, table.shard, table.part] })],
);

/** The worker as one object: opened and closed in order, by main.ts and by tests. */
import { NestFactory } from '@nestjs/core';
import { BacktestsService } from './backtests/backtests.service.js';
import type { Context } from './context.js';
import { DueService } from './due.service.js';
import { ErasuresService } from './erasures.service.js';
import { HousekeepingService } from './housekeeping.service.js';
import { KnowledgeService } from './knowledge.service.js';
import { PrecisionService } from './precision.service.js';
import { ShardsService } from './shards.service.js';
import { VerdictsService } from './verdicts.service.js';
import { workerModule } from './worker.module.js';

export interface Worker {
  /** Shards held now. */
  held(): number[];
  /** Ends the batches under way, writes what was learnt, gives the shards back. */
  close(): Promise<void>;
}

export async function openWorker(context: Context): Promise<Worker> {
  const app = await NestFactory.createApplicationContext(workerModule(context), { logger: false, abortOnError: false });
  const knowledge = app.get(KnowledgeService);
  const shards = app.get(ShardsService);
  const housekeeping = app.get(HousekeepingService);
  const verdicts = app.get(VerdictsService);
  const backtests = app.get(BacktestsService);
  const due = app.get(DueService);
  const precision = app.get(PrecisionService);
  const erasures = app.get(ErasuresService);
  await knowledge.open();
  await shards.open();
  housekeeping.open();
  verdicts.open();
  await backtests.open();
  due.open();
  precision.open();
  erasures.open();
  return {
    held: () => shards.held,
    close: async () => {
      housekeeping.close();
      await backtests.close();
      await verdicts.close();
      await due.close();
      await precision.close();
      await erasures.close();
      await shards.close();
      await knowledge.close();
      await app.close();
    },
  };
}

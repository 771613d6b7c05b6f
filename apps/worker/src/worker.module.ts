/** Wires the worker: what it knows, the shards that it runs, its housekeeping. */
import { type DynamicModule, Module } from '@nestjs/common';
import { BacktestsService } from './backtests/backtests.service.js';
import { CONTEXT, type Context } from './context.js';
import { DueService } from './due.service.js';
import { ErasuresService } from './erasures.service.js';
import { HousekeepingService } from './housekeeping.service.js';
import { KnowledgeService } from './knowledge.service.js';
import { PrecisionService } from './precision.service.js';
import { ShardsService } from './shards.service.js';
import { VerdictsService } from './verdicts.service.js';

@Module({})
class WorkerModule {}

export function workerModule(context: Context): DynamicModule {
  const providers = [
    { provide: CONTEXT, useValue: context },
    KnowledgeService,
    ShardsService,
    HousekeepingService,
    VerdictsService,
    BacktestsService,
    DueService,
    PrecisionService,
    ErasuresService,
  ];
  return { module: WorkerModule, providers };
}

import type * as original from '@plimsoll/contracts';
import { expectTypeOf, it } from 'vitest';
import type * as own from './contracts.js';

it('has the types of the contracts, as the compiler sees them', () => {
  expectTypeOf<own.RequestLogInput>().toEqualTypeOf<original.RequestLogInput>();
  expectTypeOf<own.ColumnBatch>().toEqualTypeOf<original.ColumnBatch>();
  expectTypeOf<own.FeedDecision>().toEqualTypeOf<original.FeedDecision>();
  expectTypeOf<own.AllowList>().toEqualTypeOf<original.AllowList>();
  expectTypeOf<own.RateLimit>().toEqualTypeOf<original.RateLimit>();
  expectTypeOf<own.FeedRisk>().toEqualTypeOf<original.FeedRisk>();
  expectTypeOf<own.FeedFrame>().toEqualTypeOf<original.FeedFrame>();
  expectTypeOf<own.Demand>().toEqualTypeOf<original.Demand>();
  expectTypeOf<own.SharesFrame>().toEqualTypeOf<original.SharesFrame>();
  expectTypeOf<own.FeedSignatureType>().toEqualTypeOf<original.FeedSignatureType>();
});

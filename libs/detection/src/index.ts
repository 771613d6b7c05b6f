/** The public face of the model. */
export type { Assessment } from './assessment.js';
export type {
  ActorContribution,
  AddressContribution,
  BlockSums,
  Contribution,
  ContributionBatch,
  EndpointContribution,
  Population,
  PopulationStatistic,
  Surge,
  UsualTraffic,
} from './contribution.js';
export { contributionEntity } from './contribution.js';
export { endpointNamed, KNOWN_METHODS, Templates, type TemplatesOptions } from './entities/templates.js';
export { Evidence, type EvidenceLog } from './evidence.js';
export type { Finding, Phase } from './finding.js';
export { type KnownAccount, knownAccount, profileKey } from './identity/known.js';
export { credentialOf } from './identity/words.js';
export { blockRoom, compareSteps } from './ladder.js';
export { Model, type ModelOptions } from './model.js';
export { decide, enforceableSubject, type Ruling, type RulingContext } from './policy.js';
export {
  type Judgements,
  judgePrecision,
  PRECISION_DAYS,
  PRECISION_FLOOR,
  precisionOf,
  wilson,
  withDemoted,
} from './precision.js';
export { levelEntity, type Outlook, outlookKeys, outlooks, type WindowOutlook } from './rate/outlook.js';
export { PublishedLimiter, type PublishedLimiterOptions } from './rate/published-limiter.js';
export { Backtest, type BacktestOutcome, type BacktestPlan, type LiveRun } from './replay/backtest.js';
export type { LiveAlert, LiveDecision } from './replay/compare.js';
export { Replay, type Shards } from './replay/replay.js';
export {
  presentRisk,
  RISK_FLOOR,
  RISK_HALF_LIFE_MS,
  RISK_KEPT_MS,
  type Risk,
  type RiskyAlert,
  riskOf,
} from './risk.js';
export { type Rules, rulesOf, type Tuning } from './rules.js';
export { SeriesDetector, type SeriesJudgement } from './series/series.js';
export { SERIES, type SeriesConstants } from './series/series-constants.js';
export { severitySteps } from './severity.js';
export { budgetStretch } from './tolerances.js';

/** The wiring. Guards, filter and interceptor are bound to every route; the dashboard comes last, since it takes the rest. */
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessNews } from './access/access-news.js';
import { AccessPolicy } from './access/access-policy.js';
import { PolicyGuard, ProvedGuard } from './access/policy-guard.js';
import { Recorder } from './access/recorder.js';
import { ServiceDirectory } from './access/service-directory.js';
import { AccessController } from './api/access.controller.js';
import { AccountController } from './api/account.controller.js';
import { AlertsController } from './api/alerts.controller.js';
import { AuditController } from './api/audit.controller.js';
import { BacktestsController } from './api/backtests.controller.js';
import { DecisionsController } from './api/decisions.controller.js';
import { DemoController } from './api/demo.controller.js';
import { DetectionController } from './api/detection.controller.js';
import { FirstNonceController } from './api/first-nonce.controller.js';
import { HistoryController } from './api/history.controller.js';
import { MembersController } from './api/members.controller.js';
import { OperationInterceptor } from './api/operation.js';
import { OwnViewsController } from './api/own-views.controller.js';
import { PrivacyController } from './api/privacy.controller.js';
import { ServicesController } from './api/services.controller.js';
import { SessionController } from './api/session.controller.js';
import { SessionAnswers } from './api/session-answers.js';
import { SignInController } from './api/sign-in.controller.js';
import { SubjectsController } from './api/subjects.controller.js';
import { TrafficController } from './api/traffic.controller.js';
import { TriageController } from './api/triage.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { AuditWatch } from './audit/audit-watch.js';
import { Denials } from './audit/denials.js';
import { AccessTokens } from './auth/access-tokens.js';
import { Admission } from './auth/admission.js';
import { ApiKeys } from './auth/api-keys.js';
import { CALLS, CallBudgetGuard, type CallLimit } from './auth/call-budget.js';
import { Challenges } from './auth/challenges.js';
import { AccessGuard, OriginGuard } from './auth/guards.js';
import { KeyRing } from './auth/key-ring.js';
import { Passkeys } from './auth/passkeys.js';
import { Proofs } from './auth/proofs.js';
import { RecoveryGuard } from './auth/recovery-guard.js';
import { SessionCache } from './auth/session-cache.js';
import { SessionEnds } from './auth/session-ends.js';
import { StepUpGuard } from './auth/step-up.js';
import { CONTEXT, type Context } from './context.js';
import { DemoAttacks } from './demo/demo-attacks.js';
import { ContentReportsController } from './http/content-reports.controller.js';
import { DashboardController } from './http/dashboard.controller.js';
import { DocumentsController } from './http/documents.controller.js';
import { ProblemFilter } from './http/problem.js';
import { LiveGateway } from './live/live.gateway.js';
import { ReachWatch } from './live/reach-watch.js';
import { PrivacyInterceptor } from './privacy/privacy.interceptor.js';
import { LeftNamesGuard, PrivacyGuard } from './privacy/privacy-guard.js';
import { Pseudonyms } from './privacy/pseudonyms.js';
import { OwnRisk } from './watch/own-risk.js';

@Module({})
class AdminModule {}

export function adminModule(context: Context, calls: CallLimit): DynamicModule {
  return {
    module: AdminModule,
    controllers: [
      SessionController,
      FirstNonceController,
      SignInController,
      AccountController,
      MembersController,
      AlertsController,
      TriageController,
      OwnViewsController,
      AccessController,
      DecisionsController,
      ServicesController,
      DemoController,
      DetectionController,
      TrafficController,
      SubjectsController,
      HistoryController,
      BacktestsController,
      AuditController,
      PrivacyController,
      ContentReportsController,
      DocumentsController,
      DashboardController,
    ],
    providers: [
      { provide: CONTEXT, useValue: context },
      { provide: CALLS, useValue: calls },
      KeyRing,
      SessionCache,
      SessionEnds,
      AccessTokens,
      ApiKeys,
      Proofs,
      Admission,
      OwnRisk,
      AccessPolicy,
      AccessNews,
      Recorder,
      ServiceDirectory,
      SessionAnswers,
      Challenges,
      Passkeys,
      AuditWatch,
      Denials,
      ReachWatch,
      DemoAttacks,
      LiveGateway,
      { provide: APP_GUARD, useClass: OriginGuard },
      { provide: APP_GUARD, useClass: AccessGuard },
      { provide: APP_GUARD, useClass: CallBudgetGuard },
      { provide: APP_GUARD, useClass: RecoveryGuard },
      Pseudonyms,
      { provide: APP_GUARD, useClass: PrivacyGuard },
      PolicyGuard,
      { provide: APP_GUARD, useExisting: PolicyGuard },
      { provide: APP_GUARD, useClass: LeftNamesGuard },
      { provide: APP_GUARD, useClass: StepUpGuard },
      { provide: APP_GUARD, useClass: ProvedGuard },
      { provide: APP_INTERCEPTOR, useClass: PrivacyInterceptor },
      { provide: APP_INTERCEPTOR, useClass: OperationInterceptor },
      { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ],
  };
}

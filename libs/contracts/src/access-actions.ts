/**
 * What people may do in Plimsoll itself, as data: every operation of the admin API and every event that a page may send
 * names one of these actions, and the access policy (Cedar, apps/admin/src/access) decides on it. The table is the one
 * place where an action says on what it works and what kind of deed it is.
 */

/** What an action works on. Alerts, decisions and keys stand in their service; what belongs to no service is the installation's. */
export const resourceClasses = ['Installation', 'Service', 'Alert', 'Decision', 'Key'] as const;
export type ResourceClass = (typeof resourceClasses)[number];

/**
 * `own`: one's own sessions and passkeys. `read`: to see. `oversee`: to see what people are and did. `operate`: the daily work with
 * alerts and decisions. `manage`: to change how Plimsoll itself works. The last two are changes.
 */
export type ActionKind = 'own' | 'read' | 'oversee' | 'operate' | 'manage';

interface AccessAction {
  on: ResourceClass;
  kind: ActionKind;
  /** Needs a fresh proof of presence (step-up). */
  dangerous?: true;
  /** Is left to who has passkeys and came by a link or a code all the same: to look at the own account, to make a passkey, to go. */
  enrols?: true;
}

export const accessActions = {
  'session.read': { on: 'Installation', kind: 'own', enrols: true },
  'session.renew': { on: 'Installation', kind: 'own', enrols: true },
  'session.end': { on: 'Installation', kind: 'own', enrols: true },
  'account.read': { on: 'Installation', kind: 'own', enrols: true },
  'passkey.add': { on: 'Installation', kind: 'own', enrols: true },
  'passkey.rename': { on: 'Installation', kind: 'own' },
  'passkey.remove': { on: 'Installation', kind: 'own', dangerous: true },
  'recovery-code.make': { on: 'Installation', kind: 'own', dangerous: true },
  'notice.put-away': { on: 'Installation', kind: 'own' },
  /** One's own saved views, and what one has seen. */
  'view.keep': { on: 'Installation', kind: 'own' },
  'member.read': { on: 'Installation', kind: 'oversee' },
  'member.invite': { on: 'Installation', kind: 'manage', dangerous: true },
  'member.update': { on: 'Installation', kind: 'manage', dangerous: true },
  'member.reset': { on: 'Installation', kind: 'manage', dangerous: true },
  'member.end-sessions': { on: 'Installation', kind: 'manage', dangerous: true },
  'two-persons.require': { on: 'Installation', kind: 'manage', dangerous: true },
  'approval.read': { on: 'Installation', kind: 'oversee' },
  'approval.approve': { on: 'Installation', kind: 'manage', dangerous: true },
  'approval.reject': { on: 'Installation', kind: 'manage' },
  'installation.read': { on: 'Installation', kind: 'read' },
  'traffic.read': { on: 'Service', kind: 'read' },
  'alert.read': { on: 'Alert', kind: 'read' },
  'alert.acknowledge': { on: 'Alert', kind: 'operate' },
  'alert.resolve': { on: 'Alert', kind: 'operate' },
  /** Assign, snooze, open again, take the last act back. */
  'alert.triage': { on: 'Alert', kind: 'operate' },
  'alert.comment': { on: 'Alert', kind: 'operate' },
  'decision.read': { on: 'Decision', kind: 'read' },
  'decision.make': { on: 'Decision', kind: 'operate' },
  'decision.lift': { on: 'Decision', kind: 'operate' },
  'decision.confirm': { on: 'Decision', kind: 'operate' },
  'decision.settle': { on: 'Service', kind: 'operate' },
  'dry-run.read': { on: 'Service', kind: 'read' },
  'service.read': { on: 'Service', kind: 'read' },
  'service.create': { on: 'Service', kind: 'manage' },
  'service.update': { on: 'Service', kind: 'manage' },
  /** Asked beside `service.update` where the change touches the allow-list. */
  'service.allow': { on: 'Service', kind: 'manage', dangerous: true },
  /** Asked beside `service.update` where the change switches detection or enforcement off or down. */
  'service.weaken': { on: 'Service', kind: 'manage', dangerous: true },
  /** The demo that runs beside the console, to see the product work. */
  'demo.attack': { on: 'Service', kind: 'operate' },
  'key.read': { on: 'Key', kind: 'read' },
  'key.create': { on: 'Key', kind: 'manage', dangerous: true },
  'key.update': { on: 'Key', kind: 'manage', dangerous: true },
  'key.revoke': { on: 'Key', kind: 'manage', dangerous: true },
  'history.read': { on: 'Service', kind: 'read' },
  /** To take away what is otherwise looked at page by page. */
  'history.export': { on: 'Service', kind: 'read', dangerous: true },
  'backtest.read': { on: 'Service', kind: 'read' },
  'backtest.run': { on: 'Service', kind: 'operate' },
  'audit.read': { on: 'Installation', kind: 'oversee' },
  'audit.export': { on: 'Installation', kind: 'oversee', dangerous: true },
  'privacy.read': { on: 'Installation', kind: 'read' },
  'privacy.set': { on: 'Installation', kind: 'manage', dangerous: true },
  /** To know the id behind a pseudonym, and to search by ids while pseudonyms are shown. */
  'actor.reveal': { on: 'Installation', kind: 'operate' },
  'actor.erase': { on: 'Installation', kind: 'manage', dangerous: true },
  'erasure.read': { on: 'Installation', kind: 'oversee' },
  'access-policy.simulate': { on: 'Installation', kind: 'oversee' },
  'access-policy.read': { on: 'Installation', kind: 'read' },
  'access-policy.save': { on: 'Installation', kind: 'manage', dangerous: true },
} as const satisfies Record<string, AccessAction>;

export type AccessActionName = keyof typeof accessActions;
export const accessActionNames = Object.keys(accessActions) as AccessActionName[];

export const accessActionOf = (name: AccessActionName): AccessAction => accessActions[name];
export const isChange = (name: AccessActionName): boolean => ['operate', 'manage'].includes(accessActionOf(name).kind);

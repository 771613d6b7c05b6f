/**
 * Collects live events for a moment and applies them together: two hundred alerts a second become ten renders a second,
 * of each alert only its last state. What follows from an event but is not in it (counts, charts, requests) is asked for
 * again, at most once in two seconds. Beyond the cap everything is refetched instead: that is always right.
 */
import type { Alert, AlertDetail, Decision } from '@plimsoll/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { applyDecisions, keepThroughAnswers, receiveAlerts } from './live-cache.js';

const APPLY_MS = 100;
const REFETCH_MS = 2_000;
const MAX_WAITING = 1_000;

/** Lists that live events change wholly. */
const LIVE_KEYS = [
  'alerts',
  'alert',
  'alert-history',
  'related',
  'campaign-sizes',
  'decisions',
  'dry-run',
  'overview',
  'mentions',
  'deviating',
  'pipeline',
  'traffic',
  'endpoints',
  'services',
  'instances',
  'outlook',
  'detection',
  'seen',
];

/** Whether one of these alerts is on the page of another: of its campaign, or about its subject. */
const relatesTo = (detail: AlertDetail | undefined, changed: readonly Alert[]): boolean => {
  if (!detail) return false;
  const { id, service, subject, campaign } = detail.alert;
  return changed.some(
    (other) =>
      other.id === campaign ||
      (other.campaign !== null && (other.campaign === campaign || other.campaign === id)) ||
      (other.service === service && other.subject.type === subject.type && other.subject.id === subject.id),
  );
};

export interface Intake {
  alert(alert: Alert): void;
  decision(decision: Decision): void;
  reach(service: string): void;
  missed(): void;
  stop(): void;
}

export function createIntake(client: QueryClient): Intake {
  const alerts = new Map<string, Alert>();
  const decisions = new Map<string, Decision>();
  /** Alerts whose pages are to be asked for again, as they were told last. */
  const touched = new Map<string, Alert>();
  let decided = false;
  let joined = false;
  const letGo = keepThroughAnswers(client);
  let applyTimer: ReturnType<typeof setTimeout> | undefined;
  let refetchTimer: ReturnType<typeof setTimeout> | undefined;

  const refetch = () => {
    refetchTimer = undefined;
    for (const key of ['overview', 'mentions', 'deviating']) void client.invalidateQueries({ queryKey: [key] });
    // Only what is on the screen is asked for again: that is the default of invalidation.
    void client.invalidateQueries({ queryKey: ['alert'], predicate: ({ queryKey }) => touched.has(String(queryKey[1])) });
    void client.invalidateQueries({ queryKey: ['alert-history'], predicate: ({ queryKey }) => touched.has(String(queryKey[1])) });
    const changed = [...touched.values()];
    void client.invalidateQueries({
      queryKey: ['related'],
      predicate: ({ queryKey }) => relatesTo(client.getQueryData<AlertDetail>(['alert', queryKey[1]]), changed),
    });
    touched.clear();
    if (joined) void client.invalidateQueries({ queryKey: ['campaign-sizes'] });
    joined = false;
    if (!decided) return;
    // A new decision takes the place of earlier ones, which no event names.
    decided = false;
    for (const key of ['decisions', 'alert', 'dry-run']) void client.invalidateQueries({ queryKey: [key] });
  };

  const missed = () => {
    alerts.clear();
    decisions.clear();
    for (const key of LIVE_KEYS) void client.invalidateQueries({ queryKey: [key] });
  };

  const apply = () => {
    applyTimer = undefined;
    receiveAlerts(client, [...alerts.values()]);
    applyDecisions(client, [...decisions.values()]);
    for (const alert of alerts.values()) {
      touched.set(alert.id, alert);
      joined ||= alert.campaign !== null;
    }
    decided ||= decisions.size > 0;
    alerts.clear();
    decisions.clear();
    refetchTimer ??= setTimeout(refetch, REFETCH_MS);
  };

  const wait = () => {
    if (alerts.size + decisions.size > MAX_WAITING) missed();
    else applyTimer ??= setTimeout(apply, APPLY_MS);
  };

  return {
    alert: (alert) => {
      alerts.set(alert.id, alert);
      wait();
    },
    decision: (decision) => {
      decisions.set(decision.id, decision);
      wait();
    },
    // At most twice a second a service; only what is on the screen is asked for again.
    reach: (service) => void client.invalidateQueries({ queryKey: ['instances', service] }),
    missed,
    stop: () => {
      letGo();
      clearTimeout(applyTimer);
      clearTimeout(refetchTimer);
    },
  };
}

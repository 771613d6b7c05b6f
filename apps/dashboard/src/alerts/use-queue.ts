/** Working through the list by keyboard: where one is, what is marked, what is asked. */
import type { Alert } from '@plimsoll/contracts';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Command } from '../commands.js';
import { type KeyMap, useKeys } from '../keys.js';
import type { PageAct } from './optimistic.js';
import { actionFor, usePermitted } from './permitted.js';
import { between, placeOf, type Selection, step, toggled } from './selection.js';
import type { Asking } from './triage-dialogs.js';
import { myself, useAct } from './use-act.js';

const NOTHING: ReadonlySet<string> = new Set();

interface Acting {
  targets: () => readonly Alert[];
  act: (what: PageAct, about?: readonly Alert[]) => void;
  ask: (type: Asking['type']) => void;
  block: (alert: Alert) => void;
  permitted: ReturnType<typeof usePermitted>;
}

/** The keys of acts, on what is marked or where one is. */
function actKeys({ targets, act, ask, block, permitted }: Acting): KeyMap {
  return {
    e: () =>
      act(
        { type: 'acknowledge' },
        targets().filter(({ state }) => state === 'open' || state === 'snoozed'),
      ),
    E: () => ask('acknowledge'),
    r: () => ask('resolve'),
    a: () => ask('assign'),
    s: () => ask('snooze'),
    b: () => {
      const [first] = permitted('decision.make', targets().slice(0, 1));
      if (first) block(first);
    },
  };
}

/** For what is called later, and stays the same function all the while. */
function useLatest<T>(value: T) {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

export function useQueue(
  alerts: readonly Alert[],
  { focusSearch, block }: { focusSearch: () => void; block: (alert: Alert) => void },
) {
  const [selection, setSelection] = useState<Selection>();
  const [marked, setMarked] = useState(NOTHING);
  const [asking, setAsking] = useState<Asking>();
  const { mutate } = useAct();
  const permitted = usePermitted();
  const ids = useMemo(() => alerts.map(({ id }) => id), [alerts]);
  const place = useLatest(ids);
  const lastMarked = useRef<string>(undefined);
  // Of a row that was dealt with and is gone, the next one takes the place.
  const index = placeOf(ids, selection);
  const id = ids[index];
  const shown = useMemo(() => (id === undefined ? undefined : { id, index }), [id, index]);
  const chosen = useMemo(() => alerts.filter((alert) => marked.has(alert.id)), [alerts, marked]);

  /** What an act is about: all that is marked, else the row where one is. */
  const targets = (): readonly Alert[] => (chosen.length > 0 ? chosen : alerts.slice(Math.max(0, index), index + 1));
  const act = (what: PageAct, about = targets()) => {
    const alerts = permitted(actionFor(what.type), about);
    if (alerts.length === 0) return;
    mutate({ act: what, alerts });
    setMarked(NOTHING);
  };
  const ask = (type: Asking['type'], about = targets()) => {
    const open = permitted(actionFor(type), about).filter(({ state }) => state !== 'resolved');
    if (open.length > 0) setAsking({ type, alerts: open });
  };
  const go = (by: 1 | -1, extend: boolean) => {
    const next = step(ids, shown, by);
    setSelection(next);
    if (extend && next) setMarked((old) => new Set([...old, ...(shown ? [shown.id] : []), next.id]));
  };
  const acts = useMemo(
    () => ({
      acknowledge: (alert: Alert) => mutate({ act: { type: 'acknowledge' }, alerts: [alert] }),
      resolve: (alert: Alert) => setAsking({ type: 'resolve', alerts: [alert] }),
      select: (alert: Alert) =>
        setSelection((old) => (old?.id === alert.id ? old : { id: alert.id, index: place.current.indexOf(alert.id) })),
      mark: (alert: Alert, extend: boolean) => {
        const from = lastMarked.current;
        lastMarked.current = alert.id;
        setMarked((old) =>
          extend && from ? new Set([...old, ...between(place.current, from, alert.id)]) : toggled(old, alert.id),
        );
      },
    }),
    [mutate, place],
  );
  useKeys({
    j: () => go(1, false),
    k: () => go(-1, false),
    J: () => go(1, true),
    K: () => go(-1, true),
    x: () => shown && setMarked((old) => toggled(old, shown.id)),
    Escape: () => setMarked(NOTHING),
    ...actKeys({ targets, act, ask, block, permitted }),
    '/': focusSearch,
  });
  return {
    selection: shown,
    marked,
    chosen,
    acts,
    asking,
    act,
    ask,
    may: (type: PageAct['type']) => permitted(actionFor(type), targets()).length > 0,
    close: () => setAsking(undefined),
    clear: () => setMarked(NOTHING),
  };
}

/** The same acts for the command palette. */
export function queueCommands({ chosen, selection, act, ask, may }: ReturnType<typeof useQueue>): Command[] {
  if (chosen.length === 0 && !selection) return [];
  const about = chosen.length > 0 ? `${chosen.length} marked` : 'the selected alert';
  const commands: (Command & { type: PageAct['type'] })[] = [
    { type: 'acknowledge', name: `Acknowledge ${about}`, key: 'e', run: () => act({ type: 'acknowledge' }) },
    { type: 'acknowledge', name: `Acknowledge ${about} until…`, key: 'E', run: () => ask('acknowledge') },
    { type: 'resolve', name: `Resolve ${about}…`, key: 'r', run: () => ask('resolve') },
    { type: 'assign', name: `Assign ${about}…`, key: 'a', run: () => ask('assign') },
    { type: 'assign', name: `Assign ${about} to me`, run: () => act({ type: 'assign', assignee: named(myself()) }) },
    { type: 'snooze', name: `Snooze ${about}…`, key: 's', run: () => ask('snooze') },
    { type: 'reopen', name: `Open ${about} again`, run: () => act({ type: 'reopen' }) },
  ];
  return commands.filter(({ type }) => may(type));
}

const named = ({ id, name }: { id: string; name: string }) => ({ id, name });

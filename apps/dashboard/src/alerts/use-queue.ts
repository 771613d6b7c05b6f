/** Working through the list by keyboard: where one is, what is marked, what is asked. */
import type { Alert } from '@plimsoll/contracts';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Command } from '../commands.js';
import { onePerSubject } from '../decisions/order.js';
import { exact } from '../format.js';
import { type KeyMap, useKeys } from '../keys.js';
import { toast } from '../toast.js';
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
  block: () => void;
}

/** The keys of acts, on what is marked or where one is. */
function actKeys({ targets, act, ask, block }: Acting): KeyMap {
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
    b: block,
  };
}

/** A block is asked for one subject, with its own harm and reason: of several that are marked none is taken by chance. */
function blockOne(alerts: readonly Alert[], block: (alert: Alert) => void): void {
  if (alerts.length === 0) return;
  const [first, ...others] = onePerSubject(alerts);
  if (!first) toast.info('Nobody here can be blocked', { description: 'Only users, addresses and credentials can be.' });
  else if (others.length === 0) block(first);
  else
    toast.info('Block one at a time', {
      description: `${exact(others.length + 1)} are marked: whom a block hits is asked for each by itself.`,
    });
}

/** For what is called later, and stays the same function all the while. */
function useLatest<T>(value: T) {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** What is marked: row by row, or all from the one that was marked last. */
function useMarks(place: RefObject<readonly string[]>) {
  const [marked, setMarked] = useState(NOTHING);
  const last = useRef<string>(undefined);
  const mark = useCallback(
    ({ id }: Alert, extend: boolean) => {
      const from = last.current;
      last.current = id;
      setMarked((old) => (extend && from ? new Set([...old, ...between(place.current, from, id)]) : toggled(old, id)));
    },
    [place],
  );
  return { marked, setMarked, mark };
}

export function useQueue(
  alerts: readonly Alert[],
  { focusSearch, onBlock }: { focusSearch: () => void; onBlock: (alert: Alert) => void },
) {
  const [selection, setSelection] = useState<Selection>();
  const [asking, setAsking] = useState<Asking>();
  const { mutate } = useAct();
  const permitted = usePermitted();
  const ids = useMemo(() => alerts.map(({ id }) => id), [alerts]);
  const place = useLatest(ids);
  const { marked, setMarked, mark } = useMarks(place);
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
  const block = () => blockOne(permitted('decision.make', targets()), onBlock);
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
      mark,
    }),
    [mutate, mark, place],
  );
  useKeys({
    j: () => go(1, false),
    k: () => go(-1, false),
    J: () => go(1, true),
    K: () => go(-1, true),
    x: () => shown && setMarked((old) => toggled(old, shown.id)),
    Escape: () => setMarked(NOTHING),
    ...actKeys({ targets, act, ask, block }),
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
    block,
    mayBlock: () => onePerSubject(permitted('decision.make', targets())).length === 1,
    may: (type: PageAct['type']) => permitted(actionFor(type), targets()).length > 0,
    close: () => setAsking(undefined),
    clear: () => setMarked(NOTHING),
  };
}

/** The same acts for the command palette. */
export function queueCommands({ chosen, selection, act, ask, may, block, mayBlock }: ReturnType<typeof useQueue>): Command[] {
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
  return [
    ...commands.filter(({ type }) => may(type)),
    ...(mayBlock() ? [{ name: `Block whom ${about} is about…`, key: 'b', run: block }] : []),
  ];
}

const named = ({ id, name }: { id: string; name: string }) => ({ id, name });

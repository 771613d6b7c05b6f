/** The list of shortcuts, opened by `?`. */
import { Fragment } from 'react';
import { Dialog } from '../ui/dialog.js';

const acts = [
  ['e', 'Acknowledge'],
  ['E', 'Acknowledge with a reason and an end'],
  ['r', 'Resolve'],
  ['a', 'Assign'],
  ['s', 'Snooze'],
  ['b', 'Block'],
] as const;

const groups = [
  {
    name: 'Anywhere',
    keys: [
      ['Ctrl K', 'Commands: go to, search, act'],
      ['g o', 'Overview'],
      ['g a', 'Alerts'],
      ['g f', 'Search'],
      ['g i', 'Investigate'],
      ['g d', 'Decisions'],
      ['g b', 'Backtest'],
      ['g l', 'Policies'],
      ['g m', 'Detection'],
      ['g s', 'Services'],
      ['g p', 'Access policy'],
      ['g u', 'Audit'],
      ['?', 'This help'],
    ],
  },
  {
    name: 'In the list of alerts',
    keys: [
      ['j / k', 'Next and previous'],
      ['Enter', 'Open'],
      ['x', 'Mark or unmark'],
      ['J / K', 'Mark down and up'],
      ['Esc', 'Unmark all'],
      ['/', 'Search'],
      ...acts,
    ],
  },
  {
    name: 'On an alert',
    keys: [...acts, ['c', 'Comment'], ['t', 'Throttle'], ['h', 'Challenge'], ['u', 'Back to the list']],
  },
] as const;

export const Key = ({ children }: { children: string }) => (
  <kbd className="inline-block min-w-5 rounded-sm border border-line-strong bg-sunken px-1 text-center font-mono text-2xs text-muted">
    {children}
  </kbd>
);

export function KeyboardHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      <div className="space-y-4 px-5 pt-3 pb-5">
        {groups.map(({ name, keys }) => (
          <div key={name}>
            <h3 className="mb-1.5 font-medium text-muted text-xs">{name}</h3>
            <dl className="grid grid-cols-[5rem_1fr] gap-y-1.5 text-sm">
              {keys.map(([key, meaning]) => (
                <Fragment key={key}>
                  <dt>
                    <Key>{key}</Key>
                  </dt>
                  <dd>{meaning}</dd>
                </Fragment>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

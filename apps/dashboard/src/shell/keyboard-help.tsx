/** The list of shortcuts, opened by `?`: first those of the page that is open, then those that work everywhere, then the others. */
import { useLocation } from '@tanstack/react-router';
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

interface Group {
  name: string;
  /** Pages with these keys; absent: all. */
  on?: RegExp;
  keys: readonly (readonly [key: string, meaning: string])[];
}

const anywhere: Group = {
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
};

const ofPages: readonly Group[] = [
  {
    name: 'In the list of alerts',
    on: /^\/alerts$/,
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
    on: /^\/alerts\/./,
    keys: [...acts, ['c', 'Comment'], ['t', 'Throttle'], ['h', 'Challenge'], ['u', 'Back to the list']],
  },
  { name: 'In Investigate', on: /^\/investigate$/, keys: [['/', 'To the first field of the search']] },
  {
    name: 'In the audit',
    on: /^\/audit$/,
    keys: [
      ['j / k', 'Next and previous'],
      ['Enter', 'Open'],
      ['/', 'Search'],
    ],
  },
  { name: 'On decisions', on: /^\/decisions$/, keys: [['n', 'New decision']] },
];

/** @param path of the page that is open */
export function groupsFor(path: string): Group[] {
  const here = ofPages.filter(({ on }) => on?.test(path));
  return [
    ...here.map((group) => ({ ...group, name: 'On this page' })),
    anywhere,
    ...ofPages.filter((group) => !here.includes(group)),
  ];
}

export const Key = ({ children }: { children: string }) => (
  <kbd className="inline-block min-w-5 rounded-sm border border-line-strong bg-sunken px-1 text-center font-mono text-2xs text-muted">
    {children}
  </kbd>
);

export function KeyboardHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const path = useLocation({ select: ({ pathname }) => pathname });
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      <div className="space-y-4 px-5 pt-3 pb-5">
        {groupsFor(path).map(({ name, keys }) => (
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

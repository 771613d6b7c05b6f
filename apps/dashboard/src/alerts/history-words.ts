/** A line of an alert's history in words, and whom a comment mentions. */
import type { AlertEvent, NamedPerson, WakeReason } from '@plimsoll/contracts';
import { severityNames, verdictNames } from '../words.js';
import { untilText } from './snooze-choices.js';

const reasons: Record<WakeReason, string> = {
  time: 'its time is over',
  severity: 'it is graver than before',
  observed: 'more than twice as much is observed',
  subject: 'somebody new takes part',
  kind: 'another kind was found about the same one',
  endpoint: 'the same one does it on another endpoint',
};

const undoneNames: Partial<Record<AlertEvent['type'], string>> = {
  acknowledge: 'the acknowledgement',
  assign: 'the assignment',
  snooze: 'the snooze',
  reopen: 'the opening',
};

export function eventText(event: AlertEvent): string {
  const by = event.by ?? 'Somebody';
  const until = event.until === null ? '' : ` ${untilText(event.until)}`;
  switch (event.type) {
    case 'acknowledge':
      return `${by} acknowledged it${until}`;
    case 'resolve':
      return `${by} resolved it: ${event.verdict ? verdictNames[event.verdict].toLowerCase() : 'no verdict'}`;
    case 'assign':
      return event.assignee === null ? `${by} assigned it to nobody` : `${by} assigned it to ${event.assignee}`;
    case 'snooze':
      return `${by} snoozed it${until}${event.differs ? `${until ? ', or' : ''} until it differs` : ''}`;
    case 'reopen':
      return `${by} opened it again`;
    case 'undo':
      return `${by} took back ${(event.undone && undoneNames[event.undone]) ?? 'the last act'}`;
    case 'comment':
      return event.mentions.length > 0 ? `${by} said to ${event.mentions.join(', ')}` : `${by} said`;
    case 'expire':
      return 'The acknowledgement ran out: open again';
    case 'wake': {
      const now = event.severity ? ` (${severityNames[event.severity].toLowerCase()})` : '';
      return `Woke up: ${event.reason ? reasons[event.reason] : 'it differs'}${now}`;
    }
  }
}

/** Ids of the people whose name stands behind an `@`; of two names of which one begins the other, the longer counts. */
export function mentionedIn(text: string, people: readonly NamedPerson[]): string[] {
  let rest = text.toLowerCase();
  const found: string[] = [];
  for (const { id, name } of [...people].sort((a, b) => b.name.length - a.name.length)) {
    const mark = `@${name.toLowerCase()}`;
    if (!rest.includes(mark)) continue;
    found.push(id);
    rest = rest.replaceAll(mark, ' ');
  }
  return found;
}

/** What is typed of a name: behind an `@` that begins a word, up to the caret. */
export interface Begun {
  /** Place of the `@`. */
  from: number;
  to: number;
  name: string;
}

const LONGEST_NAME = 60;

export function nameBegun(text: string, caret: number): Begun | undefined {
  const from = text.lastIndexOf('@', caret - 1);
  if (caret < 1 || from < 0 || /[\p{L}\p{N}.]/u.test(text[from - 1] ?? '')) return undefined;
  const name = text.slice(from + 1, caret);
  return name.length <= LONGEST_NAME && !name.includes('\n') ? { from, to: caret, name } : undefined;
}

/** Whose name or a word of it begins so, at most five; not who stands there in full, since another may be longer (Bo and Bob). */
export function offeredFor(begun: string, people: readonly NamedPerson[]): NamedPerson[] {
  const typed = begun.toLowerCase();
  const begins = (name: string) => name.toLowerCase().startsWith(typed) || name.toLowerCase().includes(` ${typed}`);
  return people.filter(({ name }) => begins(name) && name.toLowerCase() !== typed).slice(0, 5);
}

/** The text with the whole name, and the caret behind it. */
export function withName(text: string, { from, to }: Begun, name: string): { text: string; caret: number } {
  const before = `${text.slice(0, from)}@${name} `;
  return { text: before + text.slice(to).replace(/^ /, ''), caret: before.length };
}

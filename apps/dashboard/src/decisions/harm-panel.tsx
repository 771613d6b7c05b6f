/** Whom a decision would have hit, by the history, before it is made: what it would have refused, and whom its limit would have hit. */
import type { DecisionAction, Harmed, HarmPreview, HarmQuestion } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { exact } from '../format.js';
import { Badge } from '../ui/badge.js';
import { harmQuery } from './harm-query.js';
import {
  decisionText,
  HARM_DAYS,
  harmVerdictNames,
  limitOf,
  limitText,
  networkText,
  questionOf,
  usersText,
} from './harm-words.js';
import type { Draft } from './order.js';

/** Each answer is a line of the audit: it is asked for when the typing has paused. */
const PAUSE_MS = 600;
/** Names that are shown; the others are counted. */
const SHOWN = 8;

/** A value once it has stood still. */
function useSettled<T>(value: T): T {
  const text = JSON.stringify(value);
  const [settled, setSettled] = useState({ text, value });
  useEffect(() => {
    if (settled.text === text) return;
    const timer = setTimeout(() => setSettled({ text, value: text === undefined ? value : JSON.parse(text) }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, settled.text]);
  return settled.value;
}

export function HarmPanel({ action, draft }: { action: DecisionAction; draft: Draft }) {
  const decision = useSettled(questionOf(action, draft));
  const limit = useSettled(action === 'throttle' ? limitOf(draft) : undefined);
  return (
    <section aria-label="What it would have done" className="rounded-md bg-sunken px-3 py-2.5 text-sm">
      <h3 className="mb-1 font-medium text-muted text-xs">What it would have done</h3>
      {decision || !limit ? (
        <Preview service={draft.service} would={decision}>
          {(preview) => <Held preview={preview} draft={draft} />}
        </Preview>
      ) : (
        <p className="text-faint">Of whom it is about: once there is an id.</p>
      )}
      {limit && (
        <Preview service={draft.service} would={limit}>
          {(preview) => (
            <>
              <p className="mt-1">{limitText(preview, draft.subject.type)}</p>
              <Names label="Whom the limit would have hit" harmed={preview} service={draft.service} />
            </>
          )}
        </Preview>
      )}
    </section>
  );
}

interface PreviewProps {
  service: string;
  would: HarmQuestion | undefined;
  children: (preview: HarmPreview) => ReactNode;
}

/** What the history says of it, or why it cannot be said. */
export function Preview({ service, would, children }: PreviewProps) {
  const query = useQuery({ ...harmQuery(service, would, HARM_DAYS), enabled: would !== undefined && service !== '' });
  if (!would) return <p className="text-faint">Nothing to be said yet.</p>;
  if (query.isError) return <p className="text-faint">It cannot be said: {query.error.message}</p>;
  if (!query.data) return <p className="text-faint">Asking the history…</p>;
  const { missing } = query.data;
  return (
    <>
      {children(query.data)}
      {missing > 0 && <p className="text-faint text-xs">{exact(missing)} requests of that time are missing in the history.</p>}
    </>
  );
}

/** What would have been refused, and the users behind what would have been held. */
function Held({ preview, draft }: { preview: HarmPreview; draft: Draft }) {
  const network = networkText(preview, draft.subject.id);
  return (
    <>
      <p>
        {decisionText(preview)} {network}
      </p>
      {preview.users && preview.total > 0 && (
        <>
          <p className="mt-1">{usersText(preview.users)}</p>
          <Names label="Users that came by it" harmed={preview.users} service={draft.service} />
        </>
      )}
    </>
  );
}

interface NamesProps {
  label: string;
  harmed: Harmed;
  service: string;
}

function Names({ label, harmed: { subjects, total }, service }: NamesProps) {
  if (total === 0) return null;
  const shown = subjects.slice(0, SHOWN);
  return (
    <ul aria-label={label} className="mt-1.5 space-y-1">
      {shown.map(({ subject, verdict, refused }) => (
        <li key={subject.id} className="flex items-center gap-2 text-xs">
          <Link
            to="/subject"
            search={{ service, type: subject.type, id: subject.id }}
            title={subject.id}
            className="min-w-0 flex-1 truncate font-mono hover:text-accent hover:underline"
          >
            {subject.id}
          </Link>
          <span className="text-faint">{exact(refused)} refused</span>
          <Badge className={verdict === 'true-positive' ? 'bg-critical/10 text-critical' : undefined}>
            {harmVerdictNames[verdict]}
          </Badge>
        </li>
      ))}
      {total > shown.length && <li className="text-faint text-xs">and {exact(total - shown.length)} more</li>}
    </ul>
  );
}

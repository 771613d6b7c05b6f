/** What Cedar finds wrong with a text; each fault leads to its place where the text can be edited. */
import type { PolicyFault } from '@plimsoll/contracts';
import type { RefObject } from 'react';
import { placeOf } from './place.js';

interface FaultsProps {
  faults: readonly PolicyFault[];
  text: string;
  /** Undefined: the text stands in no field. */
  area: RefObject<HTMLTextAreaElement | null> | undefined;
}

export function Faults({ faults, text, area }: FaultsProps) {
  if (faults.length === 0)
    return (
      <p role="status" className="text-good text-sm">
        No fault found.
      </p>
    );
  const show = ({ start, end }: PolicyFault) => {
    area?.current?.focus();
    area?.current?.setSelectionRange(start ?? 0, end ?? 0);
  };
  return (
    <div role="status">
      <ul className="space-y-1.5">
        {faults.map((fault) => (
          <li key={`${fault.start}:${fault.message}`} className="break-words text-sm">
            {area ? (
              <button type="button" className="text-left hover:underline" onClick={() => show(fault)}>
                <FaultWords fault={fault} text={text} />
              </button>
            ) : (
              <FaultWords fault={fault} text={text} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

const FaultWords = ({ fault, text }: { fault: PolicyFault; text: string }) => (
  <>
    <span className={fault.severity === 'error' ? 'font-medium text-critical' : 'font-medium text-muted'}>
      {fault.start === null ? '' : `${placeOf(text, fault.start)}: `}
      {fault.message}
    </span>
    {fault.hint && <span className="text-muted">, {fault.hint}</span>}
  </>
);

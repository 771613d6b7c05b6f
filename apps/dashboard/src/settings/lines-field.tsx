/** A list typed or pasted as lines. A thousand addresses come from a file: nobody adds them one by one. */
import type { ReactNode } from 'react';
import { count } from '../format.js';
import { Field, Textarea } from '../ui/field.js';
import { linesOf } from './draft.js';
import { useLineFaults } from './faults-context.js';

interface LinesFieldProps {
  label: string;
  /** Of the list in the settings. */
  path: string;
  value: string;
  placeholder?: string;
  hint?: ReactNode;
  onChange: (value: string) => void;
}

const MAX_ROWS = 10;

export function LinesField({ label, path, value, placeholder, hint, onChange }: LinesFieldProps) {
  const lines = linesOf(value);
  const rows = Math.min(MAX_ROWS, Math.max(3, value.split('\n').length + 1));
  return (
    <Field
      label={label}
      hint={hint}
      fault={useLineFaults(path, lines)}
      aside={lines.length > 0 && <span className="text-faint text-xs">{count(lines.length)}</span>}
    >
      {(ids) => (
        <Textarea
          {...ids}
          rows={rows}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={placeholder}
          className="whitespace-pre font-mono sm:text-xs"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

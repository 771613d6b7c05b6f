/** One number of the settings, as typed: what it must be is said by the schema, when somebody saves. */
import type { ReactNode } from 'react';
import { Field, Input } from '../ui/field.js';
import { useFault } from './faults-context.js';

interface NumberFieldProps {
  label: string;
  path: string;
  value: string;
  whole?: boolean;
  /** Shown while empty: what holds then. */
  placeholder?: string;
  aside?: ReactNode;
  hint?: ReactNode;
  onChange: (value: string) => void;
}

export function NumberField({ label, path, value, whole = false, placeholder, aside, hint, onChange }: NumberFieldProps) {
  return (
    <Field label={label} aside={aside} hint={hint} fault={useFault(path)}>
      {(ids) => (
        <Input
          {...ids}
          inputMode={whole ? 'numeric' : 'decimal'}
          autoComplete="off"
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

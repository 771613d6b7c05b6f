/**
 * An endpoint by its name, offered from those that the service has. Others can be typed: an endpoint may be tuned before
 * its first request.
 */
import { Field, Input } from '../ui/field.js';
import { useFault } from './faults-context.js';

const LIST = 'known-endpoints';

/** The offers, once a page. */
export const KnownEndpoints = ({ names }: { names: readonly string[] }) => (
  <datalist id={LIST}>
    {names.map((name) => (
      <option key={name} value={name} />
    ))}
  </datalist>
);

interface EndpointFieldProps {
  label: string;
  path: string;
  value: string;
  onChange: (value: string) => void;
}

export function EndpointField({ label, path, value, onChange }: EndpointFieldProps) {
  return (
    <Field label={label} fault={useFault(path)} className="min-w-0 flex-1">
      {(ids) => (
        <Input
          {...ids}
          list={LIST}
          maxLength={768}
          placeholder="GET /orders/:id"
          autoComplete="off"
          spellCheck={false}
          className="font-mono sm:text-xs"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

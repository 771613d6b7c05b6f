/** A day and a time of one's own, on the reader's clock. Its bounds are the browser's to hold: a form with a time beyond them is not sent. */
import { fieldTime, zoneOffset } from '../format.js';
import { useZone } from '../reader.js';
import { Field, Input } from './field.js';

interface TimeFieldProps {
  /** As {@link fieldTime} writes it. */
  value: string;
  onChange: (value: string) => void;
  /** Milliseconds: not before, and not after. */
  from: number;
  to: number;
}

export function TimeField({ value, onChange, from, to }: TimeFieldProps) {
  useZone();
  return (
    <Field label={`Day and time (${zoneOffset(from)})`}>
      {(ids) => (
        <Input
          {...ids}
          type="datetime-local"
          required
          min={fieldTime(from)}
          max={fieldTime(to)}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

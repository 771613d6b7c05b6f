/** Single endpoints: worth more to a thief or not, and limits of their own. */
import { Plus, Trash2 } from 'lucide-react';
import { memo, useCallback, useEffect, useRef } from 'react';
import { Button } from '../ui/button.js';
import { Field, Select } from '../ui/field.js';
import { type Draft, type EndpointDraft, newEndpoint, type Sensitive } from './draft.js';
import { EndpointField } from './endpoint-field.js';
import { Reset } from './reset.js';
import { Section } from './section.js';
import { TuningFields } from './tuning-fields.js';
import { useRowFocus } from './use-row-focus.js';

const choices: readonly { value: Sensitive; name: string }[] = [
  { value: 'byName', name: 'By its name' },
  { value: 'yes', name: 'Yes' },
  { value: 'no', name: 'No' },
];

type Change = (key: number, part: Partial<EndpointDraft> | null) => void;

interface EndpointsSectionProps {
  endpoints: Draft['endpoints'];
  onChange: (part: Partial<Draft>) => void;
}

export function EndpointsSection({ endpoints, onChange }: EndpointsSectionProps) {
  const latest = useRef({ endpoints, onChange });
  useEffect(() => {
    latest.current = { endpoints, onChange };
  });
  const focus = useRowFocus<HTMLUListElement>();
  const focusAdd = useRef(focus.toAdd);
  const add = () => {
    onChange({ endpoints: [...endpoints, newEndpoint()] });
    focus.toNew();
  };
  // Rows may be many: a row that did not change is not drawn again while somebody types in another.
  const change = useCallback<Change>((key, part) => {
    const { endpoints: rows, onChange: tell } = latest.current;
    tell({ endpoints: rows.flatMap((row) => (row.key !== key ? [row] : part ? [{ ...row, ...part }] : [])) });
    if (part === null) focusAdd.current();
  }, []);
  return (
    <Section
      name="endpoints"
      actions={
        <Reset name="Endpoints" changed={endpoints.length > 0} defaultText="none" onReset={() => onChange({ endpoints: [] })} />
      }
    >
      {endpoints.length > 0 && (
        <ul ref={focus.list} className="mb-3 space-y-3">
          {endpoints.map((row, index) => (
            <EndpointRow key={row.key} row={row} index={index} onChange={change} />
          ))}
        </ul>
      )}
      <Button ref={focus.add} onClick={add}>
        <Plus aria-hidden className="size-4" /> Add endpoint
      </Button>
    </Section>
  );
}

interface EndpointRowProps {
  row: EndpointDraft;
  index: number;
  onChange: Change;
}

const EndpointRow = memo(function EndpointRow({ row, index, onChange }: EndpointRowProps) {
  const path = `endpoints.${index}`;
  const name = row.endpoint.trim() || `endpoint ${index + 1}`;
  const set = (part: Partial<EndpointDraft>) => onChange(row.key, part);
  return (
    <li className="rounded-md border p-3">
      <fieldset className="min-w-0 space-y-2" aria-label={name}>
        <div className="flex flex-wrap items-start gap-2">
          <div className="flex min-w-0 flex-1 basis-64">
            <EndpointField
              label="Endpoint"
              path={`${path}.endpoint`}
              value={row.endpoint}
              onChange={(endpoint) => set({ endpoint })}
            />
          </div>
          <div className="flex flex-1 items-start gap-2 sm:flex-none">
            <Field label="Sensitive" className="w-full sm:w-36">
              {(ids) => (
                <Select
                  {...ids}
                  value={row.sensitive}
                  onChange={(event) =>
                    set({ sensitive: choices.find(({ value }) => value === event.target.value)?.value ?? 'byName' })
                  }
                >
                  {choices.map((choice) => (
                    <option key={choice.value} value={choice.value}>
                      {choice.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Button
              look="ghost"
              size="icon"
              className="mt-5.5"
              aria-label={`Remove ${name}`}
              onClick={() => onChange(row.key, null)}
            >
              <Trash2 aria-hidden />
            </Button>
          </div>
        </div>
        <TuningFields path={path} tuning={row} onChange={set} />
      </fieldset>
    </li>
  );
});

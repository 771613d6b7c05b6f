/** What a group or an endpoint may have of its own; empty is as the service has it. Folded away while nobody needs it. */
import { type AlertKind, alertKinds } from '@plimsoll/contracts';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Field, Select } from '../ui/field.js';
import { kindNames } from '../words.js';
import type { TuningDraft } from './draft.js';
import { useFaultCount } from './faults-context.js';
import { NumberField } from './number-field.js';
import { modeNames, modes } from './setting-words.js';

interface TuningFieldsProps {
  /** Of the row in the settings: `groups.0`. */
  path: string;
  tuning: TuningDraft;
  onChange: (part: Partial<TuningDraft>) => void;
}

/** `sensitivity 3, 2 kinds`: what is its own. */
export function tuningText({ baseLimit, sensitivity, kinds }: TuningDraft): string {
  const own = Object.keys(kinds).length;
  const parts = [
    baseLimit.trim() && `base limit ${baseLimit.trim()}`,
    sensitivity.trim() && `sensitivity ${sensitivity.trim()}`,
    own > 0 && `${own} ${own === 1 ? 'kind' : 'kinds'}`,
  ].filter(Boolean);
  return parts.join(', ') || 'as the service';
}

export function TuningFields({ path, tuning, onChange }: TuningFieldsProps) {
  const [open, setOpen] = useState(false);
  const faulty = useFaultCount(`${path}.baseLimit`) + useFaultCount(`${path}.sensitivity`) + useFaultCount(`${path}.kinds`) > 0;
  const shown = open || faulty;
  return (
    <div>
      <Button look="ghost" size="sm" aria-expanded={shown} className="-ml-2.5 max-w-full" onClick={() => setOpen(!shown)}>
        <ChevronRight aria-hidden className={cn('size-3.5 shrink-0 transition-transform', shown && 'rotate-90')} />
        <span className="truncate">Limits: {tuningText(tuning)}</span>
      </Button>
      {shown && (
        <div className="mt-2 grid gap-4 rounded-md bg-sunken p-3 sm:grid-cols-2">
          <NumberField
            label="Base limit"
            path={`${path}.baseLimit`}
            value={tuning.baseLimit}
            placeholder="as the service"
            onChange={(baseLimit) => onChange({ baseLimit })}
          />
          <NumberField
            label="Sensitivity"
            path={`${path}.sensitivity`}
            value={tuning.sensitivity}
            placeholder="as the service"
            onChange={(sensitivity) => onChange({ sensitivity })}
          />
          <OwnKinds kinds={tuning.kinds} onChange={(kinds) => onChange({ kinds })} />
        </div>
      )}
    </div>
  );
}

type Kinds = TuningDraft['kinds'];

function OwnKinds({ kinds, onChange }: { kinds: Kinds; onChange: (kinds: Kinds) => void }) {
  const choose = (kind: AlertKind, text: string) => {
    const { [kind]: _, ...others } = kinds;
    const mode = modes.find((each) => each === text);
    onChange(mode ? { ...others, [kind]: mode } : others);
  };
  return (
    <fieldset className="sm:col-span-2">
      <legend className="mb-2 font-medium text-muted text-xs">Kinds</legend>
      <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2 lg:grid-cols-3">
        {alertKinds.map((kind) => (
          <Field key={kind} label={kindNames[kind]}>
            {(ids) => (
              <Select {...ids} value={kinds[kind] ?? ''} onChange={(event) => choose(kind, event.target.value)}>
                <option value="">As the service</option>
                {modes.map((mode) => (
                  <option key={mode} value={mode}>
                    {modeNames[mode]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

/** The thirteen kinds of the service: on, monitor only, off. */
import { type AlertKind, alertKinds, type KindMode } from '@plimsoll/contracts';
import { Segmented } from '../ui/segmented.js';
import { kindMeanings, kindNames } from '../words.js';
import type { Draft } from './draft.js';
import { Reset } from './reset.js';
import { Section } from './section.js';
import { modeNames, modes } from './setting-words.js';

const choices = modes.map((value) => ({ value, name: modeNames[value] }));

interface KindsSectionProps {
  kinds: Draft['kinds'];
  onChange: (part: Partial<Draft>) => void;
}

export function KindsSection({ kinds, onChange }: KindsSectionProps) {
  const choose = (kind: AlertKind, mode: KindMode) => {
    const { [kind]: _, ...others } = kinds;
    onChange({ kinds: mode === 'on' ? others : { ...others, [kind]: mode } });
  };
  const changed = Object.values(kinds).some((mode) => mode !== 'on');
  return (
    <Section
      name="kinds"
      actions={<Reset name="Kinds" changed={changed} defaultText="all on" onReset={() => onChange({ kinds: {} })} />}
    >
      <ul className="-mx-4 -mb-4 border-t">
        {alertKinds.map((kind) => (
          <li
            key={kind}
            className="flex flex-col gap-2 border-b px-4 py-2.5 last:border-b-0 sm:flex-row sm:items-center sm:justify-between"
          >
            <div className="min-w-0">
              <p className="font-medium text-sm">{kindNames[kind]}</p>
              <p className="text-muted text-xs first-letter:uppercase">{kindMeanings[kind]}</p>
            </div>
            <Segmented
              label={kindNames[kind]}
              value={kinds[kind] ?? 'on'}
              choices={choices}
              onChange={(mode) => choose(kind, mode)}
              className="shrink-0 self-start sm:self-auto"
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The three numbers that hold for the whole service: the floor of enforcement, the width of limits, the team's time. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { Panel } from '../ui/panel.js';
import type { Draft } from './draft.js';
import { NumberField } from './number-field.js';
import { Reset } from './reset.js';
import { settingMeanings, settingTitles } from './setting-words.js';

const names = ['baseLimit', 'sensitivity', 'alertBudget'] as const;

interface PaceSectionProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

export function PaceSection({ draft, onChange }: PaceSectionProps) {
  return (
    <Panel title="Limits">
      <div className="grid gap-5 p-4 md:grid-cols-3">
        {names.map((name) => {
          const usual = String(DEFAULT_SETTINGS[name]);
          return (
            <NumberField
              key={name}
              label={settingTitles[name]}
              path={name}
              whole={name === 'alertBudget'}
              value={draft[name]}
              onChange={(value) => onChange({ [name]: value })}
              hint={settingMeanings[name]}
              aside={
                <Reset
                  name={settingTitles[name]}
                  changed={draft[name].trim() !== usual}
                  defaultText={usual}
                  onReset={() => onChange({ [name]: usual })}
                />
              }
            />
          );
        })}
      </div>
    </Panel>
  );
}

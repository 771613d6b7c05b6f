/** How much of the live traffic policies may newly block within a minute without a person. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { percent } from '../format.js';
import { type Draft, percentText } from './draft.js';
import { NumberField } from './number-field.js';
import { Reset } from './reset.js';
import { Section } from './section.js';

interface ShareSectionProps {
  maxShare: Draft['maxShare'];
  onChange: (part: Partial<Draft>) => void;
}

export function ShareSection({ maxShare, onChange }: ShareSectionProps) {
  const usual = percentText(DEFAULT_SETTINGS.maxShare);
  return (
    <Section
      name="maxShare"
      actions={
        <Reset
          name="Share"
          changed={maxShare.trim() !== usual}
          defaultText={percent(DEFAULT_SETTINGS.maxShare, 2)}
          onReset={() => onChange({ maxShare: usual })}
        />
      }
    >
      <div className="max-w-60">
        <NumberField
          label="Per cent of live sources"
          path="maxShare"
          value={maxShare}
          onChange={(next) => onChange({ maxShare: next })}
        />
      </div>
    </Section>
  );
}

/** Sound and notifications: options of this browser, for whoever sits at it. */
import { type Severity, severities } from '@plimsoll/contracts';
import { type ReactNode, useState } from 'react';
import { type BellSettings, keepBell, readBell } from '../bell.js';
import { askToNotify, mayNotify, playSound } from '../ring.js';
import { Field, Select } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { severityNames } from '../words.js';

interface OptionProps {
  name: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  children: ReactNode;
}

function Option({ name, checked, onChange, disabled = false, children }: OptionProps) {
  return (
    <label className="flex gap-3 text-sm">
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {name}
        <span className="block text-faint text-xs">{children}</span>
      </span>
    </label>
  );
}

const refusal: Partial<Record<ReturnType<typeof mayNotify>, string>> = {
  denied: 'This browser was told not to let the page notify. Its own settings can change that.',
  unsupported: 'This browser has no notifications.',
};

export function BellPanel() {
  const [settings, setSettings] = useState(readBell);
  const [permission, setPermission] = useState(mayNotify);
  const change = (part: Partial<BellSettings>) => {
    const next = { ...settings, ...part };
    keepBell(next);
    setSettings(next);
  };
  const notifyMe = async (on: boolean) => {
    const may = on && (await askToNotify());
    setPermission(mayNotify());
    change({ desktop: may });
  };
  return (
    <Panel title="Sound and notifications">
      <div className="space-y-4 px-4 py-4">
        <p className="text-muted text-sm">
          For new alerts, in this browser alone, while the console is open in a tab. A campaign rings once, not for each who takes
          part.
        </p>
        <Option
          name="Play a sound"
          checked={settings.sound}
          onChange={(sound) => {
            if (sound) playSound();
            change({ sound });
          }}
        >
          A short tone, at most once in ten seconds.
        </Option>
        <Option
          name="Show a notification"
          checked={settings.desktop && permission === 'granted'}
          disabled={refusal[permission] !== undefined}
          onChange={(on) => void notifyMe(on)}
        >
          {refusal[permission] ?? 'On the desktop; a click leads to the alert.'}
        </Option>
        <Field label="From severity" className="max-w-48">
          {(ids) => (
            <Select {...ids} value={settings.from} onChange={(event) => change({ from: event.target.value as Severity })}>
              {severities.map((severity) => (
                <option key={severity} value={severity}>
                  {severityNames[severity]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </Panel>
  );
}

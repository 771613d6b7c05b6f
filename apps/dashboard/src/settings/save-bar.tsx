/**
 * What is changed and not yet saved, with the two ways out. Stays in view, above the phone's navigation. It says itself
 * that something was saved: a toast would lie over its buttons.
 */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.js';
import type { SettingName } from './draft.js';
import { settingTitles } from './setting-words.js';

interface SaveBarProps {
  changed: readonly SettingName[];
  /** How many values are not as they must be. */
  faults: number;
  /** What went wrong that belongs to no field. */
  error: string | undefined;
  /** Somebody else saved other settings meanwhile. */
  overtaken: boolean;
  busy: boolean;
  /** The last save went well, a moment ago. */
  saved: boolean;
  onDiscard: () => void;
  /** A way to try the changes first. */
  trial: ReactNode;
}

export function SaveBar({ changed, faults, error, overtaken, busy, saved, onDiscard, trial }: SaveBarProps) {
  return (
    <div
      className={
        changed.length > 0 || saved
          ? 'sticky bottom-16 z-20 mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-raised px-4 py-3 shadow-pop md:bottom-4'
          : 'sr-only'
      }
    >
      <div role="status" className="min-w-0 flex-1 basis-56 text-sm">
        {changed.length > 0 && (
          <p className="text-muted">
            Not saved: <span className="text-ink">{changed.map((name) => settingTitles[name]).join(', ')}</span>
          </p>
        )}
        {saved && changed.length === 0 && (
          <p className="flex items-center gap-2 font-medium text-good">
            <Check aria-hidden className="size-4" /> Saved. It holds within seconds.
          </p>
        )}
        {faults > 0 && (
          <p className="font-medium text-critical">
            {faults === 1 ? 'One value is' : `${faults} values are`} not as they must be. Nothing was saved.
          </p>
        )}
        {error && <p className="font-medium text-critical">{error}</p>}
        {overtaken && changed.length > 0 && (
          <p className="text-medium">Somebody else changed the settings meanwhile. Discard to see theirs; saving keeps yours.</p>
        )}
      </div>
      {changed.length > 0 && (
        <div className="ml-auto flex flex-wrap justify-end gap-2">
          {trial}
          <Button onClick={onDiscard} disabled={busy}>
            Discard
          </Button>
          <Button type="submit" look="primary" busy={busy}>
            Save changes
          </Button>
        </div>
      )}
    </div>
  );
}

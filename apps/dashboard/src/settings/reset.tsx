/** Says what the default is, and leads back to it. */
import { RotateCcw } from 'lucide-react';
import { Button } from '../ui/button.js';

interface ResetProps {
  /** What is set back, for screen readers. */
  name: string;
  /** Whether there is anything to set back. */
  changed: boolean;
  defaultText: string;
  onReset: () => void;
}

export function Reset({ name, changed, defaultText, onReset }: ResetProps) {
  return (
    <span className="flex h-6 shrink-0 items-center whitespace-nowrap text-faint text-xs">
      {changed ? (
        <Button look="ghost" size="sm" className="-mr-1.5 h-6 px-1.5" onClick={onReset}>
          <RotateCcw aria-hidden className="size-3" /> Reset to {defaultText}
          <span className="sr-only">: {name}</span>
        </Button>
      ) : (
        `Default: ${defaultText}`
      )}
    </span>
  );
}

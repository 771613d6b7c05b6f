/** A text to take along, with a button that copies it. */
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { toast } from '../toast.js';
import { Button } from './button.js';
import { cn } from './cn.js';

/** @param otherwise what to do where the browser does not allow it. */
export function useCopy(text: string, otherwise: string) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      // Without https there is no clipboard.
      toast.error(`The browser did not allow copying. ${otherwise}`);
    }
  };
  return { copied, copy };
}

export function CopyButton({ text, label = 'Copy', className }: { text: string; label?: string; className?: string }) {
  const { copied, copy } = useCopy(text, 'Mark the text and copy it by hand.');
  const Icon = copied ? Check : Copy;
  return (
    <Button look="ghost" size="icon" aria-label={copied ? 'Copied' : label} title={label} onClick={copy} className={className}>
      <Icon aria-hidden className={copied ? 'text-good' : undefined} />
    </Button>
  );
}

/** Code or a command. Long lines are wrapped: nothing to scroll on a phone. */
export function CodeBlock({ code, label, className }: { code: string; label: string; className?: string }) {
  return (
    <div className={cn('relative overflow-hidden rounded-md border bg-sunken', className)}>
      {code.includes('\n') && (
        <p className="flex h-9 items-center border-b px-3 text-faint text-xs first-letter:uppercase">{label}</p>
      )}
      <pre
        className={cn('whitespace-pre-wrap break-words p-3 font-mono text-xs leading-relaxed', !code.includes('\n') && 'pr-11')}
      >
        <code>{code}</code>
      </pre>
      <CopyButton text={code} label={`Copy ${label}`} className="absolute top-0.5 right-1 bg-sunken" />
    </div>
  );
}

/** A text to take along, with a button that copies it. */
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from './button.js';
import { cn } from './cn.js';

export function CopyButton({ text, label = 'Copy', className }: { text: string; label?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      // Without https there is no clipboard; the text can still be marked by hand.
      toast.error('The browser did not allow copying. Mark the text and copy it by hand.');
    }
  };
  const Icon = copied ? Check : Copy;
  return (
    <Button look="ghost" size="icon" aria-label={copied ? 'Copied' : label} title={label} onClick={copy} className={className}>
      <Icon aria-hidden className={copied ? 'text-good' : undefined} />
    </Button>
  );
}

/** Code or a command. Long lines scroll inside. */
export function CodeBlock({ code, label, className }: { code: string; label: string; className?: string }) {
  return (
    <div className={cn('relative rounded-md border bg-sunken', className)}>
      <section aria-label={label} className="overflow-x-auto">
        <pre className="p-3 pr-12 font-mono text-xs leading-relaxed">
          <code>{code}</code>
        </pre>
      </section>
      <CopyButton text={code} label={`Copy ${label}`} className="absolute top-1 right-1" />
    </div>
  );
}

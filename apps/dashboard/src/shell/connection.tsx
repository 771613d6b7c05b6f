/** Whether what is on the screen is live, said in a word and a colour. */
import type { Connection } from '../live.js';
import { useConnection } from '../live-wiring.js';
import { cn } from '../ui/cn.js';

const words: Record<Connection, { name: string; title: string; look: string }> = {
  live: { name: 'Live', title: 'Connected: changes appear as they happen', look: 'bg-good' },
  connecting: { name: 'Connecting', title: 'Opening the live channel', look: 'bg-medium animate-breathe' },
  offline: { name: 'Offline', title: 'The live channel is down; trying again', look: 'bg-critical animate-breathe' },
};

export function ConnectionState({ className }: { className?: string }) {
  const { name, title, look } = words[useConnection()];
  return (
    <span role="status" title={title} className={cn('inline-flex items-center gap-2 text-muted text-xs', className)}>
      <span aria-hidden className={cn('size-2 rounded-full', look)} />
      {name}
    </span>
  );
}

/** A band over the page while nothing arrives, so that nobody trusts a screen that stands still. */
export function OfflineBand() {
  if (useConnection() !== 'offline') return null;
  return (
    <div role="status" className="border-b bg-medium/12 px-4 py-1.5 text-center font-medium text-medium text-xs">
      The live channel is down. What you see may be out of date; it comes back by itself.
    </div>
  );
}

/** What a chart says about the point under the pointer. */
import type { ReactNode } from 'react';

interface TipProps {
  title: ReactNode;
  lines: readonly { name: string; value: string; colour: string }[];
}

export function Tip({ title, lines }: TipProps) {
  return (
    <div className="rounded-md bg-raised px-2.5 py-2 text-xs shadow-pop">
      <p className="mb-1 text-faint">{title}</p>
      {lines.map(({ name, value, colour }) => (
        <p key={name} className="flex items-center gap-2">
          <span aria-hidden className="h-0.5 w-2.5 rounded-full" style={{ background: colour }} />
          <span className="text-muted">{name}</span>
          <span className="ml-auto pl-3 font-medium">{value}</span>
        </p>
      ))}
    </div>
  );
}

/** A framed section of a page with its heading, and the page's own head. */
import type { ReactNode } from 'react';
import { cn } from './cn.js';
import { useTitle } from './title.js';

interface PanelProps {
  title?: ReactNode;
  /** At the right of the heading. */
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, actions, className, children }: PanelProps) {
  return (
    <section className={cn('min-w-0 rounded-lg border bg-surface shadow-card', className)}>
      {(title || actions) && (
        <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-4 py-1.5">
          {title && <h2 className="font-semibold text-base">{title}</h2>}
          {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

interface PageProps {
  title: string;
  /** One line below the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps) {
  useTitle(title);
  return (
    <div className="mx-auto w-full max-w-7xl min-[120rem]:max-w-[104rem] px-4 pt-5 pb-10 sm:px-6">
      <div className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-3">
        <div className="min-w-0">
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
          {lead && <p className="mt-0.5 text-muted text-sm">{lead}</p>}
        </div>
        {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

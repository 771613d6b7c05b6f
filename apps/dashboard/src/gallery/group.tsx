/** One group of the gallery, and a line in it. */
import type { ReactNode } from 'react';
import { Panel } from '../ui/panel.js';

export const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <Panel title={title}>
    <div className="space-y-4 p-4">{children}</div>
  </Panel>
);

export const Row = ({ children }: { children: ReactNode }) => <div className="flex flex-wrap items-center gap-2">{children}</div>;

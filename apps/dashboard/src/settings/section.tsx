/** One part of the settings: heading, what it does and why, whether something in it is wrong. */
import type { ReactNode } from 'react';
import { Badge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import type { SettingName } from './draft.js';
import { useFault, useFaultCount } from './faults-context.js';
import { settingMeanings, settingTitles } from './setting-words.js';

interface SectionProps {
  name: SettingName;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ name, actions, children }: SectionProps) {
  const faults = useFaultCount(name);
  return (
    <div id={name} className="scroll-mt-16 md:scroll-mt-4">
      <Panel
        title={settingTitles[name]}
        actions={
          <>
            {faults > 0 && <Badge className="bg-critical/10 text-critical">to be mended</Badge>}
            {actions}
          </>
        }
      >
        <div className="p-4">
          <p className="mb-4 max-w-3xl text-muted text-sm">{settingMeanings[name]}</p>
          <OwnFault path={name} />
          {children}
        </div>
      </Panel>
    </div>
  );
}

/** What is wrong with a list as a whole, such as too many or two of one name. */
function OwnFault({ path }: { path: string }) {
  const fault = useFault(path);
  return fault ? <p className="mb-3 font-medium text-critical text-xs">{fault}</p> : null;
}

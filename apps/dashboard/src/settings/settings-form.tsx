/**
 * The form over all settings of a service. It begins with what was saved; a save sends what differs from that and begins
 * anew with the answer. Faults are shown at their fields, from the contract's schema first and then from the server.
 */
import type { Service, Settings } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react';
import { endpointsQuery } from '../queries.js';
import { useUpdateService } from '../services/use-update-service.js';
import { AllowSection } from './allow-section.js';
import { changesOf, type Draft, differing, draftOf, settingNames } from './draft.js';
import { KnownEndpoints } from './endpoint-field.js';
import { EndpointsSection } from './endpoints-section.js';
import { type Faults, faultsIn, faultsOf, noFaults } from './faults.js';
import { FaultsContext } from './faults-context.js';
import { FlowsSection } from './flows-section.js';
import { GroupsSection } from './groups-section.js';
import { KindsSection } from './kinds-section.js';
import { LadderSection } from './ladder-section.js';
import { LeaveGuard } from './leave-guard.js';
import { PaceSection } from './pace-section.js';
import { SaveBar } from './save-bar.js';
import { ShareSection } from './share-section.js';
import { Trial } from './trial.js';

interface SettingsFormProps {
  service: Service;
  /** Only owners change settings. */
  editable: boolean;
}

/** What the form began with, what it holds now, and what was wrong with it at the last try. */
function useSettingsDraft(service: Service) {
  const [base, setBase] = useState(service.settings);
  const [draft, setDraft] = useState(() => draftOf(service.settings));
  const [faults, setFaults] = useState<Faults>(noFaults);
  const changes = useMemo(() => changesOf(draft, base), [draft, base]);
  const changed = settingNames.filter((name) => name in changes);
  const begin = (settings: Settings) => {
    setBase(settings);
    setDraft(draftOf(settings));
    setFaults(noFaults);
  };
  const overtaken = differing(service.settings, base).length > 0;
  // Whoever has typed nothing sees what others save.
  if (overtaken && changed.length === 0) begin(service.settings);
  return { draft, setDraft, faults, setFaults, changes, changed, begin, overtaken };
}

export function SettingsForm({ service, editable }: SettingsFormProps) {
  const { draft, setDraft, faults, setFaults, changes, changed, begin, overtaken } = useSettingsDraft(service);
  const update = useUpdateService(service.id);
  const form = useRef<HTMLFormElement>(null);
  const [saved, showSaved] = useBriefly(SAVED_MS);
  const show = (found: Faults) => {
    setFaults(found);
    if (found.size > 0) requestAnimationFrame(() => focusFault(form.current));
  };
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    // After a failed try the faults follow the typing, so that a mended field says so at once.
    if (faults.size > 0) setFaults(faultsIn(changesOf(next, service.settings)));
  };
  const check = () => {
    const found = faultsIn(changes);
    show(found);
    return found.size === 0 && changed.length > 0;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!check()) return;
    update.mutate(
      { settings: changes },
      {
        onSuccess: ({ settings }) => {
          begin(settings);
          showSaved();
        },
        onError: (error) => show(faultsOf(error) ?? noFaults),
      },
    );
  };
  return (
    <FaultsContext value={faults}>
      <form ref={form} noValidate onSubmit={submit} aria-label="Settings">
        <fieldset disabled={!editable} className="min-w-0">
          <Sections service={service.id} draft={draft} onChange={change} />
        </fieldset>
        <SaveBar
          changed={changed}
          faults={faults.size}
          error={update.isError && faults.size === 0 ? update.error.message : undefined}
          overtaken={overtaken}
          busy={update.isPending}
          saved={saved}
          onDiscard={() => begin(service.settings)}
          trial={<Trial service={service.id} changes={changes} check={check} />}
        />
      </form>
      <LeaveGuard dirty={changed.length > 0} />
    </FaultsContext>
  );
}

const SAVED_MS = 5_000;

/** True for a while after the call. */
function useBriefly(forMs: number) {
  const [times, setTimes] = useState(0);
  const [on, setOn] = useState(false);
  useEffect(() => {
    if (times === 0) return;
    setOn(true);
    const timer = setTimeout(() => setOn(false), forMs);
    return () => clearTimeout(timer);
  }, [times, forMs]);
  return [on, () => setTimes((before) => before + 1)] as const;
}

interface SectionsProps {
  service: string;
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function Sections({ service, draft, onChange }: SectionsProps) {
  const known = useQuery(endpointsQuery(service)).data?.items;
  const names = useMemo(() => known?.map(({ endpoint }) => endpoint) ?? [], [known]);
  return (
    <div className="space-y-4">
      <KnownEndpoints names={names} />
      <PaceSection draft={draft} onChange={onChange} />
      <KindsSection kinds={draft.kinds} onChange={onChange} />
      <LadderSection ladder={draft.ladder} onChange={onChange} />
      <ShareSection maxShare={draft.maxShare} onChange={onChange} />
      <AllowSection allow={draft.allow} onChange={onChange} />
      <GroupsSection groups={draft.groups} onChange={onChange} />
      <EndpointsSection endpoints={draft.endpoints} onChange={onChange} />
      <FlowsSection draft={draft} onChange={onChange} />
    </div>
  );
}

/** The first field that is wrong, so that nobody has to look for it. */
function focusFault(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

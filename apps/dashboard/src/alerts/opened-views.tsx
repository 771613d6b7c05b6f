/** The menu of saved views, once it was opened: one's own and those shared with everybody, to go to, save and remove. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { savedViewsQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';
import { menuContentClass, menuItemClass } from '../ui/menu-look.js';
import type { Face } from '../ui/on-demand.js';
import { type AlertSearch, isFiltered, viewSearch, viewText } from './search.js';
import { myself } from './use-act.js';

export function OpenedViews({ search, face, faceClass }: { search: AlertSearch } & Face) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const views = useQuery(savedViewsQuery).data?.items ?? [];
  const [saving, setSaving] = useState(false);
  const [removing, setRemoving] = useState(false);
  const me = myself().id;
  const remove = useMutation({
    mutationFn: (id: string) => callOperation('removeView', { params: { id } }),
    onError: (error) => toast.error('The view was not removed', { description: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: savedViewsQuery.queryKey }),
  });
  return (
    <>
      <DropdownMenu.Root defaultOpen modal={false}>
        <DropdownMenu.Trigger className={faceClass}>{face}</DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={4} className={`${menuContentClass} max-h-80 overflow-y-auto`}>
            {views.map((view) => (
              <DropdownMenu.Item
                key={view.id}
                className={menuItemClass}
                onSelect={() => void navigate({ to: '/alerts', search: viewSearch(view.search) })}
              >
                <span className="min-w-0 flex-1 truncate">{view.name}</span>
                {view.shared && <span className="text-faint text-xs">{view.owner.id === me ? 'shared' : view.owner.name}</span>}
              </DropdownMenu.Item>
            ))}
            {views.length > 0 && <DropdownMenu.Separator className="my-1 h-px bg-line" />}
            <DropdownMenu.Item className={menuItemClass} disabled={!isFiltered(search)} onSelect={() => setSaving(true)}>
              Save these filters…
            </DropdownMenu.Item>
            {views.some(({ owner }) => owner.id === me) && (
              <DropdownMenu.Item className={menuItemClass} onSelect={() => setRemoving(true)}>
                Remove a view…
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <SaveDialog open={saving} search={search} onClose={() => setSaving(false)} />
      <Dialog open={removing} onOpenChange={setRemoving} title="Your views">
        <ul className="px-5 pt-3 pb-5">
          {views
            .filter(({ owner }) => owner.id === me)
            .map(({ id, name }) => (
              <li key={id} className="flex items-center justify-between gap-3 text-sm">
                <span className="min-w-0 truncate">{name}</span>
                <Button look="ghost" size="icon" aria-label={`Remove ${name}`} onClick={() => remove.mutate(id)}>
                  <Trash2 aria-hidden />
                </Button>
              </li>
            ))}
        </ul>
      </Dialog>
    </>
  );
}

function SaveDialog({ open, search, onClose }: { open: boolean; search: AlertSearch; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () => callOperation('saveView', { body: { name, shared, search: viewText(search) } }),
    onSuccess: (view) => {
      toast.success('View saved', { description: view.name });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: savedViewsQuery.queryKey }),
  });
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title="Save view">
      <DialogForm
        onSubmit={() => save.mutate()}
        error={save.error}
        actions={
          <>
            <CancelButton />
            <Button type="submit" look="primary" busy={save.isPending} disabled={!name.trim()}>
              Save view
            </Button>
          </>
        }
      >
        <Field label="Name" hint="A view of yours with this name is replaced.">
          {(ids) => <Input {...ids} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={shared}
            onChange={(event) => setShared(event.target.checked)}
          />
          Share it with everybody
        </label>
      </DialogForm>
    </Dialog>
  );
}

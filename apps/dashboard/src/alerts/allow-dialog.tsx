/** Putting the subject of an alert on its service's allow-list: what that means for it is said first. */
import type { Alert, AllowList, Decision, EnforceableSubject, Service } from '@plimsoll/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Preview } from '../decisions/harm-panel.js';
import { usersText } from '../decisions/harm-words.js';
import { isStanding } from '../live-cache.js';
import { relatedQuery } from '../queries.js';
import { useService } from '../services/one-service.js';
import { useUpdateService } from '../services/use-update-service.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { SkeletonRows } from '../ui/states.js';
import { useNow } from '../ui/time.js';
import { subjectText } from '../words.js';
import { allowed, askedText, consequences } from './allow-words.js';

export interface AllowDialogProps {
  alert: Alert;
  subject: EnforceableSubject;
  decisions: readonly Decision[];
  onClose: () => void;
}

export function AllowDialog(props: AllowDialogProps) {
  const service = useService(props.alert.service);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title="Put on the allow-list"
      description={`${subjectText(props.subject)} in ${props.alert.service} is never accused again, whatever it does, and nothing is learnt from it.`}
    >
      {service ? <AllowForm {...props} service={service} /> : <SkeletonRows rows={3} />}
    </Dialog>
  );
}

function AllowForm({ alert, subject, decisions, service, onClose }: AllowDialogProps & { service: Service }) {
  const client = useQueryClient();
  const update = useUpdateService(service.id);
  const now = useNow();
  const related = useQuery(relatedQuery(alert.id)).data?.items ?? [];
  const allow: AllowList = allowed(service.settings.allow, subject);
  const listed = allow === service.settings.allow;
  const standing = decisions.filter((decision) => isStanding(decision, now));
  const submit = () =>
    update.mutate(
      { settings: { allow } },
      {
        onSuccess: () => {
          toast.success('On the allow-list', { description: `${subjectText(subject)} in ${service.id}` });
          for (const key of ['decisions', 'alert', 'overview']) void client.invalidateQueries({ queryKey: [key] });
          onClose();
        },
      },
    );
  return (
    <DialogForm
      onSubmit={submit}
      error={update.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={update.isPending} disabled={listed}>
            Confirm allow
          </Button>
        </>
      }
    >
      <ul className="list-disc space-y-1 pl-5 text-sm">
        {(listed ? ['It is on the list already.'] : consequences([alert, ...related], subject, standing)).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {!listed && (
        <section aria-label="What it asked for" className="text-sm">
          <Preview service={service.id} would={{ type: 'decision', action: 'block', subject, endpoint: null }}>
            {(preview) => (
              <p>
                {askedText(preview)} {preview.users && preview.total > 0 && usersText(preview.users)}
              </p>
            )}
          </Preview>
        </section>
      )}
    </DialogForm>
  );
}

/** What has happened to the person's ways in, told until it is put away. */
import type { Notice, NoticeKind } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldAlert, X } from 'lucide-react';
import { callOperation } from '../api.js';
import { moment } from '../format.js';
import { accountQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';

const words: Record<NoticeKind, (what: string) => string> = {
  recovered: (what) => `Your account was recovered with a ${what}. All your sessions ended.`,
  'passkey-added': (what) => `The passkey “${what}” was added.`,
  'passkey-removed': (what) => `The passkey “${what}” was removed.`,
  'codes-made': () => 'New recovery codes were made; those before are void.',
  'counter-behind': (what) => `The passkey “${what}” counts backwards: there may be a copy of it. Remove it if that is not you.`,
  'backup-changed': (what) => `The passkey “${what}” began or ceased to be copied between devices.`,
  'session-reused': () => 'A session of yours was used in two places and was ended.',
};

export function Notices() {
  const { data } = useQuery(accountQuery);
  return data?.notices.slice(0, 3).map((notice) => <NoticeBar key={notice.id} notice={notice} />);
}

function NoticeBar({ notice }: { notice: Notice }) {
  useZone();
  const client = useQueryClient();
  const away = useMutation({
    mutationFn: () => callOperation('putNoticeAway', { params: { id: notice.id } }),
    onError: (error) => toast.error('The notice was not put away', { description: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['account'] }),
  });
  const text = words[notice.kind](notice.what);
  return (
    <div role="status" className="flex items-center gap-2.5 border-b bg-accent/8 px-4 py-1.5 text-sm sm:px-6">
      <ShieldAlert aria-hidden className="size-4 shrink-0 text-accent" />
      <p className="min-w-0 flex-1 break-words">
        {text}{' '}
        <span className="text-muted">
          {moment(notice.at)}
          {notice.address && `, from ${notice.address}`}. Not you? Tell an owner at once.
        </span>
      </p>
      <Button look="ghost" size="icon" aria-label={`Put away: ${text}`} busy={away.isPending} onClick={() => away.mutate()}>
        <X aria-hidden />
      </Button>
    </div>
  );
}

/** The own account: passkeys, recovery codes, how this browser rings and tells times, sessions. */
import { useQuery } from '@tanstack/react-query';
import { accountQuery } from '../queries.js';
import { Page } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { Countdown } from '../ui/time.js';
import { BellPanel } from './bell-panel.js';
import { CodesPanel } from './codes-panel.js';
import { PasskeysPanel } from './passkeys-panel.js';
import { RiskPanel } from './risk-panel.js';
import { SessionsPanel } from './sessions-panel.js';
import { TimesPanel } from './times-panel.js';

export function AccountPage() {
  // The bar above tells of a risk within a minute: what is said here may not be older.
  const query = useQuery({ ...accountQuery, refetchOnMount: 'always', refetchInterval: 15_000 });
  const account = query.data;
  return (
    <Page title="Account" lead={account && `${account.person.name}, ${account.person.role}`}>
      {account ? (
        <div className="space-y-4">
          {account.heldUntil !== null && (
            <p role="status" className="rounded-md bg-medium/10 px-4 py-2 text-sm">
              After the recovery dangerous actions wait for <Countdown until={account.heldUntil} className="font-medium" />.
            </p>
          )}
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <PasskeysPanel account={account} />
            <CodesPanel account={account} />
          </div>
          <RiskPanel risk={account.risk} />
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <BellPanel />
            <TimesPanel />
          </div>
          <SessionsPanel account={account} />
        </div>
      ) : query.isError ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Page>
  );
}

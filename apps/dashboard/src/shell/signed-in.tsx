/** What somebody who is signed in gets to see: the console, or in a recovery the one page that it is for. */
import { useQuery } from '@tanstack/react-query';
import { RecoveryPage } from '../account/recovery-page.js';
import { accountQuery } from '../queries.js';
import { Shell } from './shell.js';

export function SignedIn() {
  const { data } = useQuery(accountQuery);
  return data?.origin === 'recovery' ? <RecoveryPage account={data} /> : <Shell />;
}

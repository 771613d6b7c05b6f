/** What stands where the history has no answer. That none is kept, or none yet, is a state of the installation and no fault. */
import { DatabaseZap } from 'lucide-react';
import { ApiError } from '../http.js';
import { Empty, Failure } from '../ui/states.js';

const UNAVAILABLE = 503;

export function NoHistory({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== UNAVAILABLE) return <Failure error={error} retry={retry} />;
  return (
    <Empty icon={DatabaseZap} title="No history to show" className="py-8">
      {error.message}
    </Empty>
  );
}

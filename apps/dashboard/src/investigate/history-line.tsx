/** What is kept at all: since when, how many, how large, and what is missing. */
import type { HistoryCoverage } from '@plimsoll/contracts';
import { bytes, exact, moment } from '../format.js';
import { useZone } from '../reader.js';

export function HistoryLine({ kept }: { kept: HistoryCoverage }) {
  useZone();
  const { requests: missing, gaps } = kept.missing;
  return (
    <p className="mt-3 text-faint text-xs">
      {kept.oldest === null ? 'Nothing is kept yet.' : `Kept since ${moment(kept.oldest)}: ${exact(kept.requests)} requests.`}
      {kept.bytes > 0 && ` ${bytes(kept.bytes)} on disk, of all services.`}
      {missing > 0 && ` ${exact(missing)} requests are missing in ${exact(gaps)} ${gaps === 1 ? 'gap' : 'gaps'}.`}
    </p>
  );
}

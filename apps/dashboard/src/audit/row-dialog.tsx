/** One row of the audit in full: who, what, whence, and what it was before and after. */
import type { AuditRecord } from '@plimsoll/contracts';
import { moment } from '../format.js';
import { useZone } from '../reader.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { FactsSection } from '../ui/facts.js';
import { differences, MAX_SHOWN, valuesOf } from './difference.js';
import type { AuditSearch } from './search.js';

interface RowDialogProps {
  row: AuditRecord | undefined;
  onClose: () => void;
  onSearch: (part: Partial<AuditSearch>) => void;
}

export function RowDialog({ row, onClose, onSearch }: RowDialogProps) {
  useZone();
  const search = (part: Partial<AuditSearch>) => {
    onClose();
    onSearch(part);
  };
  return (
    <Dialog
      open={row !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={row?.action ?? 'Row of the audit'}
      description={row && moment(row.at)}
    >
      {row && (
        <div className="space-y-4 px-5 pt-3 pb-5">
          {row.outcome === 'denied' && <Badge className="bg-critical/10 text-critical">refused</Badge>}
          <FactsSection label="What" facts={factsOf(row)} />
          <Changes row={row} />
          <FactsSection label="More" facts={[...valuesOf(row.detail)]} />
          <div className="flex flex-wrap gap-2">
            {row.personId !== null && (
              <Button size="sm" onClick={() => search({ person: row.personId ?? undefined })}>
                Only this person
              </Button>
            )}
            <Button size="sm" onClick={() => search({ action: row.action })}>
              Only this action
            </Button>
            {row.object !== '' && (
              <Button size="sm" onClick={() => search({ object: row.object })}>
                Only this object
              </Button>
            )}
          </div>
          <FactsSection label="Chain" facts={[...chainOf(row)]} />
        </div>
      )}
    </Dialog>
  );
}

const factsOf = (row: AuditRecord): [string, string][] => [
  ['Who', row.personName ?? row.personId ?? 'nobody signed in'],
  ['Object', row.object || '–'],
  ...(row.service === null ? [] : ([['Service', row.service]] as [string, string][])),
  ...row.parties.map(({ type, id }): [string, string] => ['About', `${type} ${id}`]),
  ...(row.reason === null ? [] : ([['Why', row.reason]] as [string, string][])),
  ['From', row.address || '–'],
  ['Browser', row.userAgent ?? '–'],
  ['Session', row.sessionId ?? '–'],
  ['Request', row.requestId ?? '–'],
];

const chainOf = ({ id, hash, previous }: AuditRecord): [string, string][] => [
  ['Row', String(id)],
  ['Hash', hash],
  ['Hash before', previous],
];

function Changes({ row: { before, after } }: { row: AuditRecord }) {
  const changes = differences(before, after);
  if (changes.length === 0) return null;
  return (
    <section aria-label="What changed">
      <h3 className="mb-1 font-medium text-muted text-xs">What changed</h3>
      <div className="overflow-x-auto">
        <table aria-label="What changed" className="w-full text-sm">
          <thead className="text-left text-faint text-xs">
            <tr>
              <th scope="col" className="pr-3 font-medium">
                Field
              </th>
              <th scope="col" className="pr-3 font-medium">
                Before
              </th>
              <th scope="col" className="font-medium">
                After
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ path, before: was, after: is }) => (
              <tr key={path} className="align-top">
                <th scope="row" className="break-words pr-3 text-left font-mono font-normal text-xs">
                  {path || 'value'}
                </th>
                <td className="break-words pr-3">
                  {was === undefined ? '–' : <del className="text-critical no-underline">{was}</del>}
                </td>
                <td className="break-words">{is === undefined ? '–' : <ins className="text-good no-underline">{is}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changes.length === MAX_SHOWN && <p className="mt-1 text-faint text-xs">There is more: the export has all of it.</p>}
    </section>
  );
}

/** Saves the rows of the audit as a file of NDJSON, and says in a sentence whether it holds them all. */
import { useMutation } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { keepExport } from '../export-file.js';
import { exact } from '../format.js';
import type { AuditSearch } from './search.js';

const endShape = { end: { rows: 'i', truncated: 'b' } } as const;
interface End {
  end: { rows: number; truncated: boolean };
}

async function save(filter: AuditSearch): Promise<string> {
  const file = await callOperation('exportAudit', { query: filter });
  const { rows, truncated } = ((await keepExport(file, 'plimsoll-audit.ndjson', endShape)) as End).end;
  return truncated
    ? `${exact(rows)} rows saved, the newest of more: narrow the filters for the others.`
    : `${exact(rows)} rows saved.`;
}

export const useExport = () => useMutation({ mutationFn: save });

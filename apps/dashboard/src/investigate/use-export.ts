/** Saves the requests of a search as a file of NDJSON, and says in a sentence whether it holds them all. */

import { exportEnd } from 'virtual:contract';
import type { ExportEnd } from '@plimsoll/contracts';
import { useMutation } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { keepExport } from '../export-file.js';
import { exact } from '../format.js';
import type { HistoryFilters } from '../queries.js';

async function save(filter: HistoryFilters): Promise<string> {
  const file = await callOperation('exportRequests', { query: filter });
  const { requests, truncated } = ((await keepExport(file, `${filter.service}-requests.ndjson`, exportEnd)) as ExportEnd).end;
  return truncated
    ? `${exact(requests)} requests saved, the first of more: narrow the search for the others.`
    : `${exact(requests)} requests saved.`;
}

export const useExport = () => useMutation({ mutationFn: save });

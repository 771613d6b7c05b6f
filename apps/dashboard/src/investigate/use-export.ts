/** Saves the requests of a search as a file of NDJSON, and says in a sentence whether it holds them all. */
import { exportEndSchema } from '@plimsoll/contracts';
import { useMutation } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { exact } from '../format.js';
import type { HistoryFilters } from '../queries.js';

const LAST_LINE_BYTES = 200;

async function save(filter: HistoryFilters): Promise<string> {
  const file = await callOperation('exportRequests', { query: filter });
  const lines = (await file.slice(-LAST_LINE_BYTES).text()).trim().split('\n');
  const end = exportEndSchema.safeParse(parsed(lines.at(-1)));
  if (!end.success) throw new Error('The export broke off before its end. Try again.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${filter.service}-requests.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  const { requests, truncated } = end.data.end;
  return truncated
    ? `${exact(requests)} requests saved, the first of more: narrow the search for the others.`
    : `${exact(requests)} requests saved.`;
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
}

export const useExport = () => useMutation({ mutationFn: save });

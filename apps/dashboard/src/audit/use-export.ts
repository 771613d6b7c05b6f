/** Saves the rows of the audit as a file of NDJSON, and says in a sentence whether it holds them all. */
import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';
import { callOperation } from '../api.js';
import { exact } from '../format.js';
import type { AuditSearch } from './search.js';

const LAST_LINE_BYTES = 200;
const endSchema = z.object({ end: z.object({ rows: z.int(), truncated: z.boolean() }) });

async function save(filter: AuditSearch): Promise<string> {
  const file = await callOperation('exportAudit', { query: filter });
  const last = (await file.slice(-LAST_LINE_BYTES).text()).trim().split('\n').at(-1) ?? '';
  const end = endSchema.safeParse(parsed(last));
  if (!end.success) throw new Error('The export broke off before its end. Try again.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = 'plimsoll-audit.ndjson';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  const { rows, truncated } = end.data.end;
  return truncated
    ? `${exact(rows)} rows saved, the newest of more: narrow the filters for the others.`
    : `${exact(rows)} rows saved.`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export const useExport = () => useMutation({ mutationFn: save });

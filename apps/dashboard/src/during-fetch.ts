/**
 * What is written into a query's data while an answer for it is on its way would be overwritten by that answer, which is older. It is
 * remembered here and written again when the answer has come. Bounded: of too much the query is asked again instead.
 */
import type { Query, QueryClient } from '@tanstack/react-query';

/** Writes remembered for a query: at ten a second, longer than a request may take. */
const MOST = 300;

type Write = () => void;
const waiting = new WeakMap<Query, Write[]>();

/** @param write does nothing to what is newer by then */
export function writeAgain(query: Query, write: Write): void {
  if (query.state.fetchStatus === 'idle') return;
  const writes = waiting.get(query) ?? [];
  if (writes.length <= MOST) writes.push(write);
  waiting.set(query, writes);
}

/** @param onAnswer before what is written again; `more`: the answer is a further page alone. @returns ends it */
export function watchAnswers(client: QueryClient, onAnswer: (query: Query, more: boolean) => void): () => void {
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.state.fetchStatus !== 'idle') return;
    const { query, action } = event;
    const writes = waiting.get(query) ?? [];
    waiting.delete(query);
    // Without an answer the data are those that were written into.
    if (action.type !== 'success' || action.manual) return;
    onAnswer(query, query.state.fetchMeta?.fetchMore !== undefined);
    if (writes.length > MOST) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    else for (const write of writes) write();
  });
}

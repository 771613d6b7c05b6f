/** What a search found, newest first: how much of it is here, its export, and its states. */
import type { InfiniteData, UseInfiniteQueryResult, UseMutationResult } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import { exact } from '../format.js';
import { Button } from './button.js';
import { Panel } from './panel.js';
import { Failure, SkeletonRows } from './states.js';
import { ZoneNote } from './time.js';

type Pages<T> = UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;

/** All that was loaded, as one list, and what loads the next page where there is one. */
export function useFound<T>({ data, fetchNextPage, hasNextPage, isFetchingNextPage }: Pages<T>): {
  items: T[];
  more: () => void;
} {
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return { items, more };
}

interface FoundPanelProps<T, Filter> {
  title: string;
  className?: string;
  query: Pages<T>;
  items: readonly T[];
  /** Says in a sentence what was saved. */
  saving: UseMutationResult<string, Error, Filter>;
  /** Absent where the person may not. */
  onExport: (() => void) | undefined;
  /** In place of the list where nothing was found. */
  nothing: ReactNode;
  children: ReactNode;
}

export function FoundPanel<T, Filter>(props: FoundPanelProps<T, Filter>) {
  const { title, className = '', query, items, saving, onExport, nothing, children } = props;
  return (
    <Panel
      title={title}
      className={`${className} overflow-hidden`}
      actions={
        <>
          <ZoneNote />
          {query.data && (
            <span className="text-faint text-xs">
              {exact(items.length)}
              {query.hasNextPage ? ' and more' : ''}, newest first
            </span>
          )}
          {onExport && (
            <Button size="sm" busy={saving.isPending} onClick={onExport}>
              <Download aria-hidden className="size-3.5" /> Export
            </Button>
          )}
        </>
      }
    >
      {saving.isError && <Failure error={saving.error} className="border-b py-4" />}
      {saving.isSuccess && (
        <p role="status" className="border-b px-4 py-2 text-muted text-sm">
          {saving.data}
        </p>
      )}
      {query.isPending ? (
        <SkeletonRows rows={10} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : items.length === 0 ? (
        nothing
      ) : (
        children
      )}
    </Panel>
  );
}

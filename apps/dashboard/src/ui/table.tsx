/**
 * One table for the whole dashboard: sortable by its headers, scrolling sideways inside its frame on a narrow screen.
 * The caller gives typed columns; `meta.end` aligns numbers, `meta.wide` hides a column below 640 px.
 */
import {
  type ColumnDef,
  createColumnHelper,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cn } from './cn.js';

interface ColumnLook {
  /** Numbers stand at the right. */
  end?: boolean;
  /** Not shown on narrow screens. */
  wide?: boolean;
  className?: string;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
  columnMeta: {} as ColumnLook,
});
type Features = typeof features;
export type Column<Row extends RowData> = ColumnDef<Features, Row>;
export const columnsFor = <Row extends RowData>() => createColumnHelper<Features, Row>();

interface DataTableProps<Row extends RowData> {
  /** Says what the table holds, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  rowClass?: (row: Row) => string | undefined;
}

const cellLook = (look: ColumnLook | undefined) =>
  cn(look?.end && 'text-right', look?.wide && 'hidden sm:table-cell', look?.className);

export function DataTable<Row extends RowData>({ label, columns, rows, rowId, rowClass }: DataTableProps<Row>) {
  const table = useTable({
    features,
    columns: columns as Column<Row>[],
    data: rows,
    getRowId: rowId,
    enableSortingRemoval: true,
  });
  return (
    <div className="relative overflow-x-auto">
      <table aria-label={label} className="w-full border-separate border-spacing-0 text-sm">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                    className={cn(
                      'h-9 whitespace-nowrap border-b px-3 text-left font-medium text-faint text-xs first:pl-4 last:pr-4',
                      cellLook(header.column.columnDef.meta),
                    )}
                  >
                    {header.column.getCanSort() ? (
                      <button
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                        className="inline-flex items-center gap-1 rounded-sm hover:text-ink"
                      >
                        <table.FlexRender header={header} />
                        {sorted === 'asc' && <ArrowUp aria-hidden className="size-3" />}
                        {sorted === 'desc' && <ArrowDown aria-hidden className="size-3" />}
                      </button>
                    ) : (
                      <table.FlexRender header={header} />
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className={cn('group/row hover:bg-hover/60', rowClass?.(row.original))}>
              {row.getAllCells().map((cell) => (
                <td
                  key={cell.id}
                  className={cn(
                    'border-b px-3 py-2 align-middle first:pl-4 last:pr-4 group-last/row:border-b-0',
                    cellLook(cell.column.columnDef.meta),
                  )}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

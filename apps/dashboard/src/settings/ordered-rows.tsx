/** Named rows whose order counts: added, changed, moved and removed, with the focus where the person is. */
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { Field, Input } from '../ui/field.js';
import { useFault } from './faults-context.js';
import { moved, OrderButtons } from './order-buttons.js';
import { useRowFocus } from './use-row-focus.js';

/** Where a row stands, and what may be done with it. */
export interface Place<Row> {
  index: number;
  count: number;
  onChange: (part: Partial<Row>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

interface OrderedRowsProps<Row> {
  rows: readonly Row[];
  /** What a row is, in the singular. */
  what: string;
  newRow: () => Row;
  onChange: (rows: Row[]) => void;
  /** One row, a list item with the row's key. */
  children: (row: Row, place: Place<Row>) => ReactNode;
}

export function OrderedRows<Row extends { key: number }>({ rows, what, newRow, onChange, children }: OrderedRowsProps<Row>) {
  const focus = useRowFocus<HTMLOListElement>();
  const add = () => {
    onChange([...rows, newRow()]);
    focus.toNew();
  };
  const remove = (row: Row) => {
    onChange(rows.filter(({ key }) => key !== row.key));
    focus.toAdd();
  };
  return (
    <>
      {rows.length > 0 && (
        <ol ref={focus.list} className="mb-3 space-y-3">
          {rows.map((row, index) =>
            children(row, {
              index,
              count: rows.length,
              onChange: (part) => onChange(rows.map((each) => (each.key === row.key ? { ...each, ...part } : each))),
              onMove: (by) => onChange(moved(rows, index, by)),
              onRemove: () => remove(row),
            }),
          )}
        </ol>
      )}
      <Button ref={focus.add} onClick={add}>
        <Plus aria-hidden className="size-4" /> Add {what}
      </Button>
    </>
  );
}

interface NamedRowProps extends Place<{ name: string }> {
  /** Of the row's faults: `groups.0`. */
  path: string;
  /** What stands for a name that is not there, and as its example. */
  what: string;
  example: string;
  name: string;
  /** Given the row's name, for screen readers. */
  children: (name: string) => ReactNode;
}

/** The frame of one row: its name, its place, its faults. */
export function NamedRow({
  path,
  what,
  example,
  name: typed,
  index,
  count,
  onChange,
  onMove,
  onRemove,
  children,
}: NamedRowProps) {
  const name = typed.trim() || `${what} ${index + 1}`;
  const fault = useFault(path);
  return (
    <li className="rounded-md border p-3">
      <fieldset className="min-w-0 space-y-3" aria-label={name}>
        <div className="flex items-start gap-2">
          <Field label="Name" fault={useFault(`${path}.name`)} className="min-w-0 flex-1">
            {(ids) => (
              <Input
                {...ids}
                maxLength={60}
                autoComplete="off"
                placeholder={example}
                value={typed}
                onChange={(event) => onChange({ name: event.target.value })}
              />
            )}
          </Field>
          <OrderButtons name={name} index={index} count={count} onMove={onMove} onRemove={onRemove} className="pt-5.5" />
        </div>
        {fault && <p className="font-medium text-critical text-xs">{fault}</p>}
        {children(name)}
      </fieldset>
    </li>
  );
}

/** Moves a row of an ordered list by keyboard or pointer. The focus goes along with the row that is moved. */
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';

/** The list with the item at `index` moved by `by` places, as far as there are places. */
export function moved<T>(items: readonly T[], index: number, by: number): T[] {
  const next = [...items];
  const [item] = next.splice(index, 1);
  if (item === undefined) return next;
  next.splice(Math.min(next.length, Math.max(0, index + by)), 0, item);
  return next;
}

interface OrderButtonsProps {
  /** What is moved, for screen readers: `step 2`. */
  name: string;
  index: number;
  count: number;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  className?: string;
}

export function OrderButtons({ name, index, count, onMove, onRemove, className }: OrderButtonsProps) {
  const up = useRef<HTMLButtonElement>(null);
  const down = useRef<HTMLButtonElement>(null);
  const pressed = useRef<-1 | 1>(undefined);
  // A row that changes its place is a moved element, which loses the focus; at an end the other button takes it.
  useEffect(() => {
    if (pressed.current === undefined) return;
    const ends = pressed.current < 0 ? index === 0 : index === count - 1;
    const wanted = pressed.current < 0 === ends ? down : up;
    pressed.current = undefined;
    wanted.current?.focus();
  }, [index, count]);
  const move = (by: -1 | 1) => {
    pressed.current = by;
    onMove(by);
  };
  return (
    <span className={cn('flex shrink-0 items-center', className)}>
      <Button ref={up} look="ghost" size="icon" aria-label={`Move ${name} up`} disabled={index === 0} onClick={() => move(-1)}>
        <ArrowUp aria-hidden />
      </Button>
      <Button
        ref={down}
        look="ghost"
        size="icon"
        aria-label={`Move ${name} down`}
        disabled={index === count - 1}
        onClick={() => move(1)}
      >
        <ArrowDown aria-hidden />
      </Button>
      <Button look="ghost" size="icon" aria-label={`Remove ${name}`} onClick={onRemove}>
        <Trash2 aria-hidden />
      </Button>
    </span>
  );
}

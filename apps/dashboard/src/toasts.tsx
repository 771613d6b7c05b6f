/**
 * The place of the words in the corner (toast.ts), there before the first of them, which would not be read out otherwise. They are
 * reached by Alt and T, put away by Escape or their button, and none goes while somebody points at them, has the focus there, or
 * looks at another tab.
 */
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { type FocusEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type Toast, type ToastKind, toaster } from './toast.js';
import { Button } from './ui/button.js';
import { cn } from './ui/cn.js';

const looks: Record<ToastKind, { icon: typeof Info; tone: string }> = {
  success: { icon: CircleCheck, tone: 'text-good' },
  error: { icon: CircleAlert, tone: 'text-critical' },
  info: { icon: Info, tone: 'text-muted' },
};

const subscribeVisible = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
};

function useFocusKey(focus: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey && event.code === 'KeyT') focus();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [focus]);
}

export function Toasts() {
  const shown = useSyncExternalStore(toaster.subscribe, toaster.shown);
  const hidden = useSyncExternalStore(subscribeVisible, () => document.hidden);
  const [held, setHeld] = useState(false);
  // What the pointer or the focus was in goes without a word of them.
  if (held && shown.length === 0) setHeld(false);
  const place = useRef<HTMLElement>(null);
  useFocusKey(() => place.current?.focus());
  const leave = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setHeld(false);
  };
  return (
    <section
      ref={place}
      tabIndex={-1}
      aria-label="Notifications, Alt and T"
      aria-live="polite"
      aria-relevant="additions text"
      aria-atomic="false"
      className="pointer-events-none fixed inset-x-4 top-14 z-60 outline-none sm:top-auto sm:right-6 sm:bottom-6 sm:left-auto sm:w-89 print:hidden"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={leave}
    >
      <ol className="flex flex-col gap-2">
        {shown.map((toast) => (
          <Word key={toast.id} toast={toast} waits={held || hidden} />
        ))}
      </ol>
    </section>
  );
}

function Word({ toast, waits }: { toast: Toast; waits: boolean }) {
  const { id, kind, text, description, durationMs, action } = toast;
  const left = useRef(durationMs);
  useEffect(() => {
    if (waits) return;
    const begin = performance.now();
    const timer = setTimeout(() => toaster.dismiss(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current -= performance.now() - begin;
    };
  }, [id, waits]);
  const { icon: Icon, tone } = looks[kind];
  return (
    <li
      className="pointer-events-auto flex animate-enter items-start gap-2.5 rounded-lg border bg-raised p-3 text-sm shadow-pop"
      onKeyDown={(event) => event.key === 'Escape' && toaster.dismiss(id)}
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', tone)} />
      <div className="min-w-0 flex-1 break-words">
        <p className="font-medium">{text}</p>
        {description && <p className="mt-0.5 text-muted">{description}</p>}
      </div>
      {action && (
        <Button
          size="sm"
          onClick={() => {
            toaster.dismiss(id);
            action.onClick();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button
        look="ghost"
        size="icon"
        aria-label={`Put away: ${text}`}
        className="-my-1 -mr-1.5"
        onClick={() => toaster.dismiss(id)}
      >
        <X aria-hidden />
      </Button>
    </li>
  );
}

/**
 * The place of the words in the corner (toast.ts), there before the first of them, which would not be read out otherwise. They are
 * reached by Alt and T, put away by Escape or their button, and none goes while somebody points at them, has the focus there, or
 * looks at another tab.
 */
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import {
  type FocusEvent,
  type KeyboardEventHandler,
  type RefObject,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
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

/** The word that an element belongs to. */
const wordOf = (target: EventTarget) => Number(target instanceof Element && target.closest('li')?.dataset['word']);

function useFocusKey(focus: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey && event.code === 'KeyT') focus();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [focus]);
}

/**
 * Puts a word away. A focus among them goes back to where it came from; while others remain, one of the keyboard stays at their place
 * to go on.
 */
function useDismiss(place: RefObject<HTMLElement | null>) {
  const before = useRef<EventTarget | null>(null);
  const come = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) before.current = event.relatedTarget;
  };
  const dismiss = (id: number) => {
    const here = document.activeElement;
    if (here && place.current?.contains(here)) {
      const next = toaster.shown().length > 1 && here.matches(':focus-visible') ? place.current : before.current;
      if (next instanceof HTMLElement) next.focus();
    }
    toaster.dismiss(id);
  };
  return { come, dismiss };
}

export function Toasts() {
  const shown = useSyncExternalStore(toaster.subscribe, toaster.shown);
  const hidden = useSyncExternalStore(subscribeVisible, () => document.hidden);
  const [held, setHeld] = useState(false);
  // What the pointer or the focus was in goes without a word of them.
  if (held && shown.length === 0) setHeld(false);
  const place = useRef<HTMLElement>(null);
  useFocusKey(() => toaster.shown().length > 0 && place.current?.focus());
  const { come, dismiss } = useDismiss(place);
  // Nor is anything said when what has the pointer or the focus is taken out of the page while others remain.
  useEffect(() => {
    if (shown.length > 0 && !place.current?.matches(':hover, :focus-within')) setHeld(false);
  }, [shown]);
  const leave = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setHeld(false);
  };
  const putAway: KeyboardEventHandler = (event) => {
    if (event.key !== 'Escape') return;
    const word = shown.find(({ id }) => id === wordOf(event.target)) ?? shown.at(-1);
    if (!word) return;
    event.preventDefault(); // Or the page behind would take it as well (keys.ts).
    dismiss(word.id);
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
      onFocus={(event) => {
        come(event);
        setHeld(true);
      }}
      onBlur={leave}
      onKeyDown={putAway}
    >
      <ol className="flex flex-col gap-2">
        {shown.map((toast) => (
          <Word key={toast.id} toast={toast} waits={held || hidden} onDismiss={dismiss} />
        ))}
      </ol>
    </section>
  );
}

interface WordProps {
  toast: Toast;
  waits: boolean;
  onDismiss: (id: number) => void;
}

function Word({ toast, waits, onDismiss }: WordProps) {
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
      data-word={id}
      className="pointer-events-auto flex animate-enter items-start gap-2.5 rounded-lg border bg-raised p-3 text-sm shadow-pop"
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
            onDismiss(id);
            action.onClick();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button look="ghost" size="icon" aria-label={`Put away: ${text}`} className="-my-1 -mr-1.5" onClick={() => onDismiss(id)}>
        <X aria-hidden />
      </Button>
    </li>
  );
}

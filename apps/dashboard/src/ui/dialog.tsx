/** A modal dialog: focus trapped and given back, Escape closes, the rest of the page hidden from screen readers. */
import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import { type FormEvent, type ReactNode, useRef } from 'react';
import { ApiError } from '../http.js';
import { Button } from './button.js';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
}

/** For what is opened by a state and not by a trigger of its own, so that it must remember itself where the focus was. */
export function useOpener() {
  const opener = useRef<Element | null>(null);
  return {
    remember: () => {
      opener.current = document.activeElement;
    },
    leave: (event: Event) => {
      event.preventDefault();
      giveBack(opener.current);
    },
  };
}

export function Dialog({ open, onOpenChange, title, description, children }: DialogProps) {
  const { remember, leave } = useOpener();
  const enter = (event: Event) => {
    remember();
    focusFirstField(event);
  };
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-[enter_120ms] bg-scrim" />
        <Primitive.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={enter}
          onCloseAutoFocus={leave}
          className="fixed inset-x-3 bottom-3 z-50 mx-auto max-h-[calc(100dvh-1.5rem)] max-w-md animate-enter scroll-pb-20 overflow-y-auto rounded-xl bg-raised shadow-pop sm:inset-x-0 sm:top-[14vh] sm:bottom-auto sm:max-h-[76vh]"
        >
          <div className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="font-semibold text-lg">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="mt-1 break-words text-muted text-sm">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <Button look="ghost" size="icon" aria-label="Close" className="-mr-2">
                <X aria-hidden />
              </Button>
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** The first field rather than the button that closes: that is where the hands are needed. */
function focusFirstField(event: Event): void {
  const content = event.currentTarget instanceof HTMLElement ? event.currentTarget : null;
  const field = content?.querySelector<HTMLElement>('input, select, textarea');
  if (!field) return;
  event.preventDefault();
  field.focus();
}

/** To who opened the dialog; to the page's content where that is gone, as the row of what was just lifted is. */
function giveBack(opener: Element | null): void {
  // A command of the palette may have opened a dialog, or gone to a field: that has the focus.
  if (document.querySelector('[role="dialog"]') || document.activeElement?.matches('input, textarea')) return;
  const back = opener?.isConnected && opener !== document.body ? opener : document.getElementById('content');
  if (back instanceof HTMLElement) back.focus({ preventScroll: true });
}

interface DialogFormProps {
  onSubmit: () => void;
  children: ReactNode;
  /** What went wrong with the last try. */
  error?: Error | null | undefined;
  actions: ReactNode;
}

/** Body of a dialog that does something: fields, the last error, buttons at the right. Enter submits. */
export function DialogForm({ onSubmit, children, error, actions }: DialogFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit} className="px-5 pt-4 pb-5">
      <div className="space-y-4">{children}</div>
      {error && (
        <p role="alert" className="mt-4 rounded-md bg-critical/10 px-3 py-2 text-critical text-sm">
          {errorText(error)}
        </p>
      )}
      <div className="sticky bottom-0 -mx-5 mt-2 -mb-5 flex justify-end gap-2 rounded-b-xl bg-raised px-5 pt-3 pb-5">
        {actions}
      </div>
    </form>
  );
}

/** The sentence and, where the server names them, the faulty fields. */
export function errorText(error: Error): string {
  const fields = error instanceof ApiError && error.fault.type === 'problem' ? (error.fault.problem.errors ?? []) : [];
  return [error.message, ...fields.map(({ field, reason }) => `${field}: ${reason}.`)].join(' ');
}

export const CancelButton = () => (
  <Primitive.Close asChild>
    <Button>Cancel</Button>
  </Primitive.Close>
);

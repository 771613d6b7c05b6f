/** Asks once more before something is done that cannot be taken back by a click. The error of a failed try stands in it until it is closed. */
import type { ReactNode } from 'react';
import { Button } from './button.js';
import { CancelButton, Dialog, DialogForm } from './dialog.js';

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  /** On the button. */
  act: string;
  /** Of the button: `primary` where nothing is lost by it. */
  look?: 'danger' | 'primary';
  mutation: { isPending: boolean; error: Error | null; reset(): void };
  onConfirm: () => void;
}

export const Confirm = ({ open, onOpenChange, title, description, act, look = 'danger', mutation, onConfirm }: ConfirmProps) => (
  <Dialog
    open={open}
    onOpenChange={(next) => {
      // What failed for one is not said of the next; what still runs is left to say how it ends.
      if (!next && !mutation.isPending) mutation.reset();
      onOpenChange(next);
    }}
    title={title}
    description={description}
  >
    <DialogForm
      onSubmit={onConfirm}
      error={mutation.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look={look} busy={mutation.isPending}>
            {act}
          </Button>
        </>
      }
    >
      {null}
    </DialogForm>
  </Dialog>
);

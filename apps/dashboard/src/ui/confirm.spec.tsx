import { QueryClient, QueryClientProvider, useMutation } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, expect, it } from 'vitest';
import '../patient.fixture.js';
import { Confirm } from './confirm.js';

afterEach(cleanup);

function Asked() {
  const [open, setOpen] = useState(false);
  const mutation = useMutation({ mutationFn: () => Promise.reject(new Error('That is the last one.')) });
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Ask
      </button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title="Sure?"
        description="It is gone."
        act="Remove"
        mutation={mutation}
        onConfirm={() => mutation.mutate()}
      />
    </>
  );
}

it('says why it failed while it is open, and nothing of it when it is opened again', async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Asked />
    </QueryClientProvider>,
  );
  const ask = screen.getByText('Ask');
  fireEvent.click(ask);
  fireEvent.click(await screen.findByRole('button', { name: 'Remove' }));
  await screen.findByText('That is the last one.');
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  fireEvent.click(ask);
  await screen.findByRole('button', { name: 'Remove' });
  expect(screen.queryByText('That is the last one.')).toBeNull();
});

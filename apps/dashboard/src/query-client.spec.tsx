import { MutationObserver, onlineManager, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useLift } from './actions.js';
import './patient.fixture.js';
import { decisionsQuery } from './queries.js';
import { queryClient } from './query-client.js';
import { decisionOf } from './samples.fixture.js';
import { toaster } from './toast.js';

const OFFLINE = 'You are offline: nothing was changed. Try again when the connection is back.';

beforeEach(() => queryClient.mount());
afterEach(() => {
  onlineManager.setOnline(true);
  queryClient.unmount();
  queryClient.clear();
  cleanup();
  for (const { id } of toaster.shown()) toaster.dismiss(id);
});

describe('a change that is asked for without a network', () => {
  it('fails at once, is shown to nobody as done, and is not made later', async () => {
    onlineManager.setOnline(false);
    const sent = vi.fn(async () => 'done');
    const shown = vi.fn();
    const told = vi.fn();
    const observer = new MutationObserver(queryClient, { mutationFn: sent, onMutate: shown, onError: told });
    await expect(observer.mutate(undefined)).rejects.toThrow(OFFLINE);
    expect(observer.getCurrentResult()).toMatchObject({
      status: 'error',
      isPaused: false,
      error: { fault: { type: 'offline' } },
    });
    expect(told).toHaveBeenCalledOnce();
    onlineManager.setOnline(true);
    await queryClient.resumePausedMutations();
    expect([sent, shown].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    await expect(observer.mutate(undefined)).resolves.toBe('done');
  });

  it('goes on where it was sent before the network went', async () => {
    const observer = new MutationObserver(queryClient, {
      mutationFn: async () => {
        onlineManager.setOnline(false);
        return 'done';
      },
    });
    await expect(observer.mutate(undefined)).resolves.toBe('done');
  });

  it('leaves a decision on the page as it stands, and says why', async () => {
    const decision = decisionOf();
    const key = decisionsQuery({ active: true }).queryKey;
    queryClient.setQueryData(key, { pages: [{ items: [decision], nextCursor: null }], pageParams: [undefined] });
    const asked = vi.fn();
    vi.stubGlobal('fetch', asked);
    onlineManager.setOnline(false);
    const wrapper = ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    );
    const { result } = renderHook(useLift, { wrapper });
    act(() => result.current.mutate({ decision, reason: '' }));
    await waitFor(() => expect(result.current.isError).toBe(true));
    expect(queryClient.getQueryData(key)?.pages[0]?.items).toEqual([decision]);
    expect(toaster.shown()).toMatchObject([{ kind: 'error', text: 'The decision could not be lifted', description: OFFLINE }]);
    onlineManager.setOnline(true);
    await queryClient.resumePausedMutations();
    expect(asked).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });
});

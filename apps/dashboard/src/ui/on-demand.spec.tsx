import { cleanup, render, screen } from '@testing-library/react';
import { Component, type ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dialogOnDemand } from './on-demand.js';

class Caught extends Component<{ children: ReactNode }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render = () => (this.state.failed ? 'failed' : this.props.children);
}

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('a dialog whose code did not come', () => {
  it('is loaded again when it is opened the next time', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const load = vi.fn<() => Promise<() => string>>().mockRejectedValueOnce(new TypeError('Failed to fetch'));
    load.mockResolvedValue(() => 'here it is');
    const Dialog = dialogOnDemand(load);
    const open = (time: number) => (
      <Caught key={time}>
        <Dialog />
      </Caught>
    );
    const { rerender } = render(open(1));
    await screen.findByText('failed');
    expect(load).toHaveBeenCalledTimes(1);
    rerender(open(2));
    await screen.findByText('here it is');
    expect(load).toHaveBeenCalledTimes(2);
  });
});

import { cleanup, render, screen } from '@testing-library/react';
import { Component, type ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import '../patient.fixture.js';
import { dialogOnDemand, partOnDemand } from './on-demand.js';

class Caught extends Component<{ children: ReactNode }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render = () => (this.state.failed ? 'failed' : this.props.children);
}

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

type Load = () => Promise<() => string>;

describe('what did not come', () => {
  it.each([
    ['dialog', (load: Load) => dialogOnDemand(load)],
    ['part', (load: Load) => partOnDemand(load, 'waiting')],
  ])('of a %s is loaded again the next time that it is wanted, and not before', async (_, onDemand) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const load = vi.fn<Load>().mockRejectedValueOnce(new TypeError('Failed to fetch'));
    load.mockResolvedValue(() => 'here it is');
    const Wanted = onDemand(load);
    const open = (time: number) => (
      <Caught key={time}>
        <Wanted />
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

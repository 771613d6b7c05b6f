import { DEFAULT_SETTINGS, type Service } from '@plimsoll/contracts';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../http.js';
import '../patient.fixture.js';
import { SettingsForm } from './settings-form.js';

const call = vi.hoisted(() => vi.fn());
vi.mock('../api.js', () => ({ callOperation: call }));

const service: Service = {
  id: 'shop',
  environment: 'production',
  team: 'default',
  policy: 'monitor',
  dryRun: false,
  settings: DEFAULT_SETTINGS,
  historyDays: null,
  createdAt: 1,
};
let saved: Service;
const patches = () => call.mock.calls.filter(([name]) => name === 'updateService').map(([, input]) => input.body);

beforeEach(() => {
  saved = service;
  call.mockReset();
  call.mockImplementation(async (name: string, input: { body: { settings: object } }) => {
    if (name === 'endpoints') return { items: [{ endpoint: 'POST /pay' }] };
    if (name === 'allowed') return { allowed: ['backtest.run'] };
    if (name === 'createBacktest') return { id: 'bt_1' };
    saved = { ...saved, settings: { ...saved.settings, ...input.body.settings } };
    return saved;
  });
});
afterEach(cleanup);

async function show(editable = true) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(['services'], { items: [service] });
  const Root = () => {
    const { data } = useQuery({ queryKey: ['services'], queryFn: () => ({ items: [saved] }), staleTime: Infinity });
    return data?.items.map((each) => <SettingsForm key={each.id} service={each} editable={editable} />);
  };
  const router = createRouter({
    routeTree: createRootRoute({ component: Root }),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  await act(async () => {
    render(
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>,
    );
  });
  await screen.findByRole('form', { name: 'Settings' });
}

const type = (label: string | RegExp, value: string, within_ = screen.getByRole('form')) =>
  fireEvent.change(within(within_).getAllByLabelText(label)[0]!, { target: { value } });
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));

describe('the settings form', () => {
  it('offers to save only when something was changed, and discards', async () => {
    await show();
    expect(screen.queryByRole('button', { name: 'Save changes' })).toBeNull();
    type('Sensitivity', '3');
    expect(screen.getByRole('status').textContent).toContain('Sensitivity');
    press('Discard');
    expect(screen.queryByRole('button', { name: 'Save changes' })).toBeNull();
    expect(screen.getByLabelText<HTMLInputElement>('Sensitivity').value).toBe('1.5');
  });

  it('sends what was changed and begins anew with the answer', async () => {
    await show();
    type('Base limit', '250');
    fireEvent.click(within(screen.getByLabelText('Drift')).getByText('Off'));
    press('Save changes');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Save changes' })).toBeNull());
    await waitFor(() => expect(screen.getByRole('status').textContent).toContain('Saved.'));
    expect(patches()).toEqual([{ settings: { baseLimit: 250, kinds: { drift: 'off' } } }]);
    press(/^Reset to 100 ?: Base limit$/);
    expect(screen.getByLabelText<HTMLInputElement>('Base limit').value).toBe('100');
  });

  it('sends nothing that is not as it must be, shows it at the field, and forgets it when it is mended', async () => {
    await show();
    type('Addresses', '10.0.0.0/8\n10.0.0.300');
    press('Save changes');
    const field = screen.getByLabelText('Addresses');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(field.getAttribute('aria-describedby')?.split(' ')[0] ?? '')?.textContent).toContain(
      '“10.0.0.300”',
    );
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(patches()).toEqual([]);
    type('Addresses', '10.0.0.0/8');
    expect(screen.getByLabelText('Addresses').getAttribute('aria-invalid')).toBeNull();
    press('Save changes');
    await waitFor(() => expect(patches()).toHaveLength(1));
  });

  it('has changes tried before they are saved, and keeps them; what is changed further can be tried anew', async () => {
    await show();
    type('Sensitivity', 'much');
    fireEvent.click(await screen.findByRole('button', { name: 'Backtest these changes' }));
    expect(screen.getByLabelText('Sensitivity').getAttribute('aria-invalid')).toBe('true');
    type('Sensitivity', '3');
    press('Backtest these changes');
    const see = await screen.findByRole('link', { name: 'See the backtest' });
    expect(see.getAttribute('href')).toBe('/backtests?id=bt_1&service=shop');
    const asked = call.mock.calls.filter(([name]) => name === 'createBacktest').map(([, { body }]) => body);
    expect([asked, patches()]).toEqual([[{ service: 'shop', days: 7, settings: { sensitivity: 3 } }], []]);
    type('Sensitivity', '4');
    expect(screen.getByRole('button', { name: 'Backtest these changes' })).toBeTruthy();
  });

  it('shows at its field what the server refuses, and keeps what was typed', async () => {
    await show();
    call.mockImplementation(async () => {
      const errors = [{ field: 'body.settings.alertBudget', reason: 'must be a lucky number' }];
      const problem = { type: 'urn:x', title: 'Bad Request', status: 400, code: 'invalid-body' as const, errors };
      throw new ApiError({ type: 'problem', problem });
    });
    type('Alert budget', '13');
    press('Save changes');
    expect(await screen.findByText('must be a lucky number')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>('Alert budget').value).toBe('13');
  });

  it('builds a flow step by step and puts it in order', async () => {
    await show();
    press('Add flow');
    type('Name', 'Checkout', screen.getByRole('group', { name: 'flow 1' }));
    type('Step 1', 'POST /pay');
    type('Step 2', 'POST /cart');
    press('Move step 2 of Checkout up');
    press('Add step to Checkout');
    type('Step 3', 'POST /confirm');
    press('Save changes');
    await waitFor(() => expect(patches()).toHaveLength(1));
    expect(patches()[0].settings.flows).toEqual([{ name: 'Checkout', steps: ['POST /cart', 'POST /pay', 'POST /confirm'] }]);
  });

  it('is for reading only where somebody is no owner', async () => {
    await show(false);
    expect(screen.getByLabelText('Base limit').closest('fieldset[disabled]')).toBeTruthy();
    expect(screen.getByText('Add group').closest('fieldset[disabled]')).toBeTruthy();
  });
});

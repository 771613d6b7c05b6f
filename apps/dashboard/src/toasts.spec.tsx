import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MOST_TOASTS, toast, toaster } from './toast.js';
import { Toasts } from './toasts.js';

beforeEach(() => {
  vi.useFakeTimers();
  render(<Toasts />);
});
afterEach(() => {
  act(() => {
    for (const { id } of toaster.shown()) toaster.dismiss(id);
  });
  cleanup();
  vi.useRealTimers();
});

const say = (...given: Parameters<typeof toast.success>) => act(() => toast.success(...given));
const wait = (milliseconds: number) => act(() => vi.advanceTimersByTime(milliseconds));
const region = () => screen.getByRole('region', { name: /Notifications/ });

describe('words in the corner', () => {
  it('have a place before the first of them, or it would not be read out', () => {
    const place = region();
    expect([place.getAttribute('aria-live'), place.textContent]).toEqual(['polite', '']);
    say('Saved');
    expect(region()).toBe(place);
  });

  it('are read out as they come, and go by themselves', () => {
    say('Saved', { description: 'shop' });
    expect(region().getAttribute('aria-live')).toBe('polite');
    expect(region().textContent).toContain('Savedshop');
    wait(3_999);
    expect(screen.queryByText('Saved')).not.toBeNull();
    wait(1);
    expect(screen.queryByText('Saved')).toBeNull();
  });

  it('stay while somebody points at them or has the focus there, and for the rest of their time afterwards', () => {
    say('Saved');
    wait(3_000);
    fireEvent.pointerEnter(region());
    wait(60_000);
    fireEvent.pointerLeave(region());
    wait(999);
    expect(screen.queryByText('Saved')).not.toBeNull();
    fireEvent.focus(screen.getByRole('button', { name: 'Put away: Saved' }));
    wait(60_000);
    fireEvent.blur(screen.getByRole('button', { name: 'Put away: Saved' }));
    wait(1);
    expect(screen.queryByText('Saved')).toBeNull();
  });

  it('go by their button or by Escape, and what comes next goes in time', () => {
    say('One');
    say('Two');
    fireEvent.pointerEnter(region());
    fireEvent.click(screen.getByRole('button', { name: 'Put away: One' }));
    fireEvent.keyDown(screen.getByRole('button', { name: 'Put away: Two' }), { key: 'Escape' });
    expect(toaster.shown()).toEqual([]);
    say('Three');
    wait(4_000);
    expect(toaster.shown()).toEqual([]);
  });

  it('go on going in time when the one with the focus is put away, and the keyboard goes on from there and back to the page', () => {
    const page = document.body.appendChild(document.createElement('button'));
    page.focus();
    say('One');
    say('Two');
    const buttonOf = (text: string) => screen.getByRole('button', { name: `Put away: ${text}` });
    act(() => buttonOf('One').focus());
    fireEvent.click(buttonOf('One'));
    expect([document.activeElement === region(), screen.queryByText('One')]).toEqual([true, null]);
    act(() => buttonOf('Two').focus());
    fireEvent.click(buttonOf('Two'));
    expect([document.activeElement === page, toaster.shown()]).toEqual([true, []]);
    page.remove();
  });

  it('hold nothing up when what was pointed at is gone', () => {
    say('One');
    say('Two');
    fireEvent.pointerEnter(region());
    fireEvent.click(screen.getByRole('button', { name: 'Put away: One' }));
    wait(4_000);
    expect(toaster.shown()).toEqual([]);
  });

  it('take Escape for themselves, at their place too: the newest goes, and the page behind hears nothing of it', () => {
    say('One');
    say('Two');
    const heard = vi.fn((event: KeyboardEvent) => event.defaultPrevented);
    window.addEventListener('keydown', heard);
    act(() => region().focus());
    fireEvent.keyDown(region(), { key: 'Escape' });
    window.removeEventListener('keydown', heard);
    expect([heard.mock.results[0]?.value, toaster.shown().map(({ text }) => text)]).toEqual([true, ['One']]);
  });

  it('stay longer where something failed', () => {
    act(() => toast.error('Not saved'));
    wait(9_999);
    expect(screen.queryByText('Not saved')).not.toBeNull();
    wait(1);
    expect(screen.queryByText('Not saved')).toBeNull();
  });

  it('offer to take back what was done, once, for as long as they are told to', () => {
    const undo = vi.fn();
    say('1 alert snoozed', { duration: 8_000, action: { label: 'Undo', onClick: undo } });
    wait(7_999);
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect([undo.mock.calls.length, toaster.shown()]).toEqual([1, []]);
  });

  it('are bounded: the oldest makes room', () => {
    for (let number = 0; number <= MOST_TOASTS; number += 1) say(`Word ${number}`);
    expect(toaster.shown().map(({ text }) => text)).toEqual(['Word 1', 'Word 2', 'Word 3', 'Word 4']);
  });

  it('are reached by Alt and T', () => {
    say('Saved');
    fireEvent.keyDown(window, { altKey: true, code: 'KeyT' });
    expect(document.activeElement).toBe(region());
  });
});

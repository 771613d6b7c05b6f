import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** As a page that is loaded: what is kept is read once. */
async function load(languages: readonly string[] = ['en-GB']) {
  vi.resetModules();
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages);
  return { ...(await import('./reader.js')), ...(await import('./format.js')) };
}

beforeEach(() => localStorage.clear());
afterEach(() => vi.restoreAllMocks());

describe('the reader', () => {
  const ts = Date.UTC(2026, 10, 26, 12);

  it('goes by the browser until it chooses, and is kept in this browser', async () => {
    const page = await load();
    expect(page.currentReader().zone).toBe(page.browserZone());
    page.chooseZone('Asia/Tokyo');
    expect(page.clockTime(ts)).toBe('21:00:00');
    const next = await load();
    expect(next.currentReader().zone).toBe('Asia/Tokyo');
    next.chooseZone(next.BROWSER);
    expect((await load()).currentReader().zone).toBe(page.browserZone());
  });

  it('takes what another tab has chosen at once, in all that writes times', async () => {
    const page = await load();
    const { result } = renderHook(() => [page.useZone(), page.useZoneChoice(), page.clockTime(ts)]);
    const told = (key: string | null) => act(() => void window.dispatchEvent(new StorageEvent('storage', { key })));
    localStorage.setItem('plimsoll-zone', 'Asia/Tokyo');
    told('something-else');
    expect(result.current[1]).toBe(page.BROWSER);
    told('plimsoll-zone');
    expect(result.current).toEqual(['Asia/Tokyo', 'Asia/Tokyo', '21:00:00']);
    localStorage.setItem('plimsoll-zone', 'Atlantis/Poseidonis');
    told('plimsoll-zone');
    expect(result.current[1]).toBe(page.BROWSER);
    // A page that comes back out of the browser's memory was told of nothing meanwhile.
    localStorage.setItem('plimsoll-zone', 'UTC');
    act(() => void window.dispatchEvent(new Event('pageshow')));
    expect(result.current).toEqual(['UTC', 'UTC', '12:00:00']);
    localStorage.clear();
    told(null);
    expect(result.current[0]).toBe(page.browserZone());
  });

  it('does not take a zone that nobody knows, chosen or kept', async () => {
    localStorage.setItem('plimsoll-zone', 'Atlantis/Poseidonis');
    const page = await load();
    expect(page.currentReader().zone).toBe(page.browserZone());
    page.chooseZone('Atlantis/Poseidonis');
    expect(page.currentReader().zone).toBe(page.browserZone());
  });

  it('works where storage is forbidden, until the page is left', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new Error('forbidden');
    });
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('forbidden');
    });
    const page = await load();
    page.chooseZone('UTC');
    expect(page.moment(ts)).toBe('26 Nov 2026, 12:00:00 UTC');
  });

  it.each([
    [['de-DE', 'en'], '1.234,5'],
    [['en-US@posix', 'fr-CH'], /^1.234,5$/],
    [['C'], '1,234.5'],
    [[], '1,234.5'],
  ])('writes as the browser asks: %j', async (languages, text) => {
    const page = await load(languages);
    const written = page.currentFormats().numbers[1].format(1234.5);
    if (typeof text === 'string') expect(written).toBe(text);
    else expect(written).toMatch(text);
  });

  it('offers zones that all can be chosen', async () => {
    const page = await load();
    expect(page.zoneNames()).not.toContain('UTC');
    for (const name of ['Europe/Berlin', 'America/New_York', 'Pacific/Auckland']) expect(page.zoneNames()).toContain(name);
    page.chooseZone(page.zoneNames()[0] ?? '');
    expect(page.currentReader().zone).toBe(page.zoneNames()[0]);
  });
});

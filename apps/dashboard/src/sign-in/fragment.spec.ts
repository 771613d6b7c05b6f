import { describe, expect, it, vi } from 'vitest';
import { returnPath, takeToken } from './fragment.js';

describe('the token of a sign-in link', () => {
  it('is read once and taken out of the address', () => {
    const history = { state: null, replaceState: vi.fn() };
    const location = { hash: '#abc-DEF_123', pathname: '/sign-in', search: '?to=%2Falerts' };
    expect(takeToken(location, history)).toBe('abc-DEF_123');
    expect(history.replaceState).toHaveBeenCalledWith(null, '', '/sign-in?to=%2Falerts');
  });
  it('leaves an address without one alone', () => {
    const history = { state: null, replaceState: vi.fn() };
    expect(takeToken({ hash: '', pathname: '/sign-in', search: '' }, history)).toBeUndefined();
    expect(history.replaceState).not.toHaveBeenCalled();
  });
});

describe('the page after sign-in', () => {
  it.each(['/alerts?state=open', '/', '/services/shop'])('may be %s', (path) => expect(returnPath(path)).toBe(path));
  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/sign-in', undefined])(
    'may not be %s',
    (path) => expect(returnPath(path)).toBe('/'),
  );
});

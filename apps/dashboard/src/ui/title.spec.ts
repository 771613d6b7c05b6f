import { beforeEach, describe, expect, it } from 'vitest';
import { iconWith, showOpenCount, titleText } from './title.js';

describe('the tab', () => {
  beforeEach(() => {
    document.head.innerHTML = '<link rel="icon" href="/mark.svg">';
  });
  it('tells how many alerts are open, and nothing where none is', () => {
    expect([titleText('Alerts', 0), titleText('Alerts', 7), titleText('Alerts', 250)]).toEqual([
      'Alerts · Plimsoll',
      '(7) Alerts · Plimsoll',
      '(99+) Alerts · Plimsoll',
    ]);
  });
  it('has the number in its picture, and its own picture again', () => {
    const icon = () => document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.getAttribute('href');
    showOpenCount(3);
    expect(icon()).toBe(iconWith(3));
    showOpenCount(0);
    expect(icon()).toMatch(/\/mark\.svg$/);
  });
});

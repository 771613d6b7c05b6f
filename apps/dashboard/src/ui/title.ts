/** The browser's tab: named after the page, with the number of open alerts before it and in its picture. */
import { useEffect } from 'react';

let page = '';
let open = 0;

/** As a tab has room for. */
const countText = (count: number): string => (count > 99 ? '99+' : String(count));

export function titleText(title: string, count: number): string {
  return `${count > 0 ? `(${countText(count)}) ` : ''}${title} · Plimsoll`;
}

/** A colour of tokens.css as it stands there: a picture of its own does not inherit the page's. */
const token = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim().replaceAll('"', '') || 'gray';

/** The mark with a number in its corner. */
export function iconWith(count: number): string {
  const badge = `<circle cx="23" cy="9" r="9" fill="${token('--color-critical')}"/><text x="23" y="13" font-family="sans-serif" font-size="${count > 99 ? 9 : 12}" font-weight="700" fill="${token('--color-on-critical')}" text-anchor="middle">${countText(count)}</text>`;
  const mark = `<g fill="none" stroke="${token('--color-accent')}" stroke-width="2.75" stroke-linecap="round"><circle cx="16" cy="16" r="9.5"/><path d="M2 16h28"/></g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${mark}${badge}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

let plain: string | undefined;

function show(): void {
  document.title = titleText(page, open);
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  plain ??= link.href;
  link.href = open > 0 ? iconWith(open) : plain;
}

export function showOpenCount(count: number): void {
  open = count;
  show();
}

/** Names the browser's tab after the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    page = title;
    show();
  }, [title]);
}

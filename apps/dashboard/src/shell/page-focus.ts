/**
 * Another page begins at its heading, for who hears it and for who goes on by Tab: without that the focus would be lost with the link
 * that led there. It is left where it is when the page itself has taken it, as a search field does.
 */
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

export function usePageFocus(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        const content = document.getElementById('content');
        // The first page is the browser's to announce.
        if (!pathChanged || fromLocation === undefined || !content || content.contains(document.activeElement)) return;
        if (document.querySelector('[role="dialog"]')) return;
        const place = content.querySelector('h1') ?? content;
        place.tabIndex = -1;
        place.focus({ preventScroll: true });
      }),
    [router],
  );
}

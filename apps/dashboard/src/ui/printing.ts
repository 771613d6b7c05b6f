/**
 * Whether the page is being printed: what is otherwise drawn only where it is seen is then drawn whole. Drawn before the event is over,
 * since the browser takes the paper's picture right after it.
 */
import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

let asked = false;

function subscribe(listener: () => void): () => void {
  const media = matchMedia('print');
  const tell = () => flushSync(listener);
  const turn = ({ type }: Event) => {
    asked = type === 'beforeprint';
    tell();
  };
  window.addEventListener('beforeprint', turn);
  window.addEventListener('afterprint', turn);
  media.addEventListener('change', tell);
  return () => {
    window.removeEventListener('beforeprint', turn);
    window.removeEventListener('afterprint', turn);
    media.removeEventListener('change', tell);
  };
}

export const usePrinting = (): boolean => useSyncExternalStore(subscribe, () => asked || matchMedia('print').matches);

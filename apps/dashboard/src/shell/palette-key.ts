/** The key of the command palette, apart from the palette itself, whose code comes when it is first opened. */
import { useEffect } from 'react';

/** Opens by Ctrl or Command with K, also while somebody types: no text is written with that. */
export function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      open();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [open]);
}

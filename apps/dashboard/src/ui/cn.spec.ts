import { describe, expect, it } from 'vitest';
import { cn } from './cn.js';

describe('class names', () => {
  it.each([
    [['px-3 py-2 text-left', 'text-right'], 'px-3 py-2 text-right'],
    [['bg-sunken text-2xs text-muted', 'bg-good/12 text-good'], 'text-2xs bg-good/12 text-good'],
    [['h-8 px-3 font-medium', '-mr-1.5 h-6 px-1.5'], 'font-medium -mr-1.5 h-6 px-1.5'],
    [
      ['flex rounded-lg border bg-surface shadow-card', 'hidden bg-transparent shadow-none'],
      'rounded-lg border hidden bg-transparent shadow-none',
    ],
    [
      ['border border-line-strong bg-surface', 'border-critical/40 border-dashed'],
      'border bg-surface border-critical/40 border-dashed',
    ],
    [['border-b', 'border'], 'border-b border'],
    [['hover:bg-hover bg-surface', 'bg-raised'], 'hover:bg-hover bg-raised'],
    [['text-sm font-medium', 'font-mono sm:text-xs'], 'text-sm font-medium font-mono sm:text-xs'],
    [['[&_svg]:size-4 size-8', 'size-6'], '[&_svg]:size-4 size-6'],
    [['-ml-2 truncate', false, undefined, 'ml-auto truncate'], 'ml-auto truncate'],
    [['inline-flex items-center', undefined], 'inline-flex items-center'],
  ])('%j', (classes, joined) => expect(cn(...classes)).toBe(joined));
});

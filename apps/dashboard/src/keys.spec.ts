import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeyReader, isShortcut } from './keys.js';

describe('key reader', () => {
  const keys = { e: vi.fn(), 'g a': vi.fn() };
  it('finds a key and a pair', () => {
    const read = createKeyReader();
    expect(read(keys, 'e', 0)).toBe(keys.e);
    expect(read(keys, 'g', 100)).toBeUndefined();
    expect(read(keys, 'a', 500)).toBe(keys['g a']);
  });
  it('forgets the first half after a moment', () => {
    const read = createKeyReader();
    read(keys, 'g', 0);
    expect(read(keys, 'a', 2_000)).toBeUndefined();
  });
  it('does not act on the second half of an unknown pair: g e is no e', () => {
    const read = createKeyReader();
    read(keys, 'g', 0);
    expect(read(keys, 'e', 100)).toBeUndefined();
    expect(read(keys, 'e', 200)).toBe(keys.e);
  });
});

describe('whose key it is', () => {
  afterEach(() => document.body.replaceChildren());
  const press = (target: Element, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent('keydown', { key: 'e', bubbles: true, ...init });
    let mine = false;
    window.addEventListener(
      'keydown',
      (heard) => {
        mine = isShortcut(heard);
      },
      { once: true },
    );
    target.dispatchEvent(event);
    return mine;
  };
  const put = (html: string) => {
    document.body.innerHTML = html;
    return document.body.querySelector('[data-here]') ?? document.body;
  };
  it.each([
    ['the page', '<p data-here></p>', {}, true],
    ['a button', '<button data-here></button>', {}, true],
    ['a field', '<input data-here>', {}, false],
    ['a box to tick', '<input type="checkbox" data-here>', {}, true],
    ['a note', '<textarea data-here></textarea>', {}, false],
    ['a choice', '<select data-here></select>', {}, false],
    ['behind a dialog', '<p data-here></p><div role="dialog"></div>', {}, false],
    ['with Ctrl', '<p data-here></p>', { ctrlKey: true }, false],
    ['held down', '<p data-here></p>', { repeat: true }, false],
    ['held down to move on', '<p data-here></p>', { repeat: true, key: 'j' }, true],
    ['with Command', '<p data-here></p>', { metaKey: true }, false],
  ])('%s', (_, html, init, mine) => {
    expect(press(put(html), init)).toBe(mine);
  });
});

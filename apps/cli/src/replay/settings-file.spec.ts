import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from './settings-file.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'settings.json');
const reading = (text: string) => {
  writeFileSync(path, text);
  return readSettings(path);
};

describe('the settings of a replay', () => {
  it('are the defaults but for what the file says', async () => {
    expect(await readSettings(undefined)).toEqual(DEFAULT_SETTINGS);
    expect(await reading('\ufeff{"sensitivity": 2}')).toEqual({ ...DEFAULT_SETTINGS, sensitivity: 2 });
  });

  it.each<[text: string, says: RegExp]>([
    ['{"sensitivty": 2}', /cannot be used: \n {2}settings: .*sensitivty/],
    ['{"groups": [{"name": "a"}], "kinds": {"drift": 1}}', /\n {2}kinds\.drift: .*\n {2}groups\.0\.actors: /],
    ['{"sensitivity": }', /JSON/],
    ['[]', /settings: /],
    [JSON.stringify({ allow: { addresses: Array(30).fill('x') } }), /and 20 more$/],
  ])('name what is wrong: %s', async (text, says) => {
    await expect(reading(text)).rejects.toThrow(says);
  });

  it('name a file that is not there', async () => {
    await expect(readSettings(join(folder, 'nobody.json'))).rejects.toThrow('there is no such file');
  });
});

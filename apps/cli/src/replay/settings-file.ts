/** The settings of a replay: a file with the same JSON that the admin API takes, any part of it. What is wrong is named by its path. */
import { readFile } from 'node:fs/promises';
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch, settingsPatchSchema, settingsSchema } from '@plimsoll/contracts';
import { Fault, textOf } from '../fault.js';

/** Faults named at once; one at a time would be tiresome, hundreds unreadable. */
const MOST_NAMED = 10;

export async function readSettings(path: string | undefined): Promise<Settings> {
  return path === undefined ? DEFAULT_SETTINGS : settingsSchema.parse(await readPatch(path));
}

/** @throws Fault naming each field that cannot be used; a misspelt name too, which would else have no effect. */
export async function readPatch(path: string): Promise<SettingsPatch> {
  const unusable = (why: string) => new Fault(`The settings in ${path} cannot be used: ${why}`);
  const json = await readFile(path, 'utf8')
    .then((text): unknown => JSON.parse(text.replace(/^\ufeff/, '')))
    .catch((error: unknown) => {
      throw unusable((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file.' : textOf(error));
    });
  const read = settingsPatchSchema.safeParse(json);
  if (read.success) return read.data;
  const { issues } = read.error;
  const named = issues.slice(0, MOST_NAMED).map(({ path: at, message }) => `\n  ${at.join('.') || 'settings'}: ${message}`);
  const more = issues.length > MOST_NAMED ? `\n  and ${issues.length - MOST_NAMED} more` : '';
  throw unusable(`${named.join('')}${more}`);
}

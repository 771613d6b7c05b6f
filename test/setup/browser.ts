/** A headless browser for the end-to-end tests: the system's own Chromium, Chrome or Edge, never a downloaded one. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const fixedPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** Path of an installed browser, or undefined. `PLIMSOLL_BROWSER` wins. */
export function findBrowser(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env['PLIMSOLL_BROWSER'] ?? '', ...onPath, ...fixedPlaces].filter(Boolean).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function installed(): string {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('no Chromium, Chrome or Edge found: install one, or name it in PLIMSOLL_BROWSER');
  return executablePath;
}

/** @param more switches beside the usual ones */
export async function openBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: installed(), args: [...args, ...more] });
}

/** A browser of its own whose cookies and databases lie in a folder: what a thief can copy, and open elsewhere. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: installed(), args: [...args, '--password-store=basic'] });
}

/** A server that says no to one kind of call, and not before it is told to: what a page shows meanwhile can be looked at. */
import type { Page } from 'playwright-core';

export interface Refusal {
  answer(): void;
  /** Calls get through again. */
  end(): Promise<void>;
}

/** @param path of the calls, as a glob. @param detail what the server says */
export async function refuse(page: Page, path: string, status: number, detail: string): Promise<Refusal> {
  let answer: () => void = () => {};
  const told = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const code = status === 409 ? 'conflict' : 'internal';
  const body = JSON.stringify({ type: 'about:blank', title: 'Refused', status, code, detail });
  await page.route(path, async (route) => {
    await told;
    await route.fulfill({ status, contentType: 'application/problem+json', body });
  });
  return { answer, end: () => page.unroute(path) };
}

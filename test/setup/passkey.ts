/** Passkeys in the browser of the end-to-end tests: a virtual authenticator of Chromium's (CDP WebAuthn), which answers every prompt. */
import type { Page } from 'playwright-core';

/** Gives the page an authenticator like a phone's or a laptop's own; it keeps its passkeys for as long as the page lives. */
export async function addAuthenticator(page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Makes the first passkey as the reminder asks for it. */
export async function enrol(page: Page): Promise<void> {
  await page.getByText('Add a passkey.').waitFor();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Passkey added').first().waitFor();
}

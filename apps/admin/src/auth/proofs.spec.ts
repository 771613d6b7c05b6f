/**
 * The example proofs of RFC 9449 (figures 2 and 13) before our verifier: everything in them is found good, up to the nonce that we
 * ask for and they do not have; whatever is varied is found faulty before that. They share no code with us.
 */
import { describe, expect, it } from 'vitest';
import type { Context } from '../context.js';
import { digestOf, Proofs, type Proved } from './proofs.js';

/** typ, alg and the key of both examples. */
const head =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19';
const atToken = `${head}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
const atResource = `${head}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
const accessToken = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';

function faultOf(origin: string, about: Proved): Promise<string> {
  const env = { PUBLIC_URL: new URL(origin), PLIMSOLL_MASTER_KEY: Buffer.alloc(32, 7) };
  const verifier = new Proofs({ env, now: () => 1_562_262_618_000 } as unknown as Context);
  return verifier.check(about).then((outcome) => (outcome.type === 'faulty' ? outcome.fault : outcome.type));
}
const token = (change: Partial<Proved> = {}, origin = 'https://server.example.com') =>
  faultOf(origin, { proofs: [atToken], method: 'POST', path: '/token', ...change });
const resource = (change: Partial<Proved> = {}, origin = 'https://resource.example.org') =>
  faultOf(origin, { proofs: [atResource], method: 'GET', path: '/protectedresource', accessToken, ...change });

describe('the proofs of RFC 9449', () => {
  it('have the digest that the RFC states', () => {
    expect(digestOf(accessToken)).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo');
  });

  it('are good in all that they say, and want our nonce', async () => {
    expect([await token(), await resource()]).toEqual(['nonce', 'nonce']);
    expect(await resource({ path: '/protectedresource?x=1#y' })).toBe('nonce');
  });

  it.each<[string, () => Promise<string>]>([
    ['method', () => token({ method: 'GET' })],
    ['method', () => resource({ method: 'POST' })],
    ['url', () => token({ path: '/token/' })],
    ['url', () => token({}, 'https://resource.example.org')],
    ['url', () => resource({}, 'http://resource.example.org')],
    ['token', () => resource({ accessToken: 'other' })],
    ['token', () => resource({ accessToken: undefined })],
    ['token', () => token({ accessToken })],
    ['body', () => token({ body: digestOf('{}') })],
    ['several', () => token({ proofs: [atToken, atToken] })],
    ['signature', () => token({ proofs: [`${atToken.slice(0, -2)}AA`] })],
    ['signature', () => token({ proofs: [[...atResource.split('.').slice(0, 2), atToken.split('.')[2]].join('.')] })],
    // The last character of 64 bytes has four bits that mean nothing: another text of the same signature.
    ['form', () => token({ proofs: [`${atToken.slice(0, -1)}h`] })],
    ['form', () => token({ proofs: [`${atToken}=`] })],
    ['missing', () => token({ proofs: undefined })],
  ])('are faulty by %s where that differs', async (fault, ask) => {
    expect(await ask()).toBe(fault);
  });
});

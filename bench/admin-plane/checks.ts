/**
 * What the checks before an operation cost in one process: token, proof, session, used proofs in Redis, access policy. Proofs are
 * signed beforehand; what is measured is the server's part alone.
 */
import { AccessPolicy, Admission } from '@plimsoll/admin';
import { type Figure, figure, quantile, spread } from '../report.js';
import { openApp, signIn } from './app.js';
import type { Stores } from './stores.js';

const PATH = '/api/me';
const AT_ONCE = 16;

export async function checks(stores: Stores, requests: number): Promise<Figure[]> {
  const own = await openApp(stores);
  const { app, origin } = own;
  try {
    const { holder, session } = await signIn(own);
    const { accessToken } = session;
    const [admission, policy] = [app.get(Admission), app.get(AccessPolicy)];
    const check = async (proof: string): Promise<number> => {
      const begun = performance.now();
      const proved = { proofs: [proof], method: 'GET', path: PATH, address: '127.0.0.1', audience: 'admin' as const };
      const admitted = await admission.admit({ ...proved, authorization: `DPoP ${accessToken}` });
      if (admitted.type === 'refused') throw new Error(`refused: ${admitted.refusal}`);
      const asker = { ...admitted.principal, address: '127.0.0.1' };
      if (!policy.decide(asker, { action: 'session.read', resource: { type: 'Installation' } }).allowed)
        throw new Error('denied');
      return performance.now() - begun;
    };
    const proofs = (count: number) =>
      Array.from({ length: count }, () => holder.proof({ method: 'GET', url: origin + PATH, accessToken }));
    for (const proof of proofs(300)) await check(proof);
    const times: number[] = [];
    for (const proof of proofs(requests)) times.push(await check(proof));
    const waiting = proofs(requests * 2);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let proof = waiting.pop(); proof !== undefined; proof = waiting.pop()) await check(proof);
      }),
    );
    const perSecond = (requests * 2) / ((performance.now() - begun) / 1000);
    console.log(`token + proof + session + policy, ms: ${spread(times)}`);
    return [
      figure('token + DPoP + session + Cedar, p50 a request, one process', quantile(times, 0.5), 'ms', 1.5),
      figure('token + DPoP + session + Cedar, p99 a request, one process', quantile(times, 0.99), 'ms', 10),
      figure(`checked requests a second, ${AT_ONCE} at once, one process`, perSecond, 'requests/s', 1_500, 'higher'),
    ];
  } finally {
    await own.close();
  }
}

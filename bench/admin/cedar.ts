/** What a decision of the access policy costs: the platform's policies, and 20 of a customer beside them; validated, as the server asks. */
import { PolicySet } from '../../apps/admin/src/access/cedar.js';
import { platformPolicies } from '../../apps/admin/src/access/platform-policies.js';
import { rows } from '../../test/access/matrix.js';
import { type Figure, figure, quantile } from '../report.js';

const own = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [
    `own.${index}`,
    `forbid (principal, action in Action::"change", resource) when { context.risk > ${60 + index} && principal.groups.contains("g${index}") };`,
  ]),
);

/** @param decisions how many of each set are measured */
export function measureCedar(decisions = 4_000): Figure[] {
  return [
    ...measure('platform policies', PolicySet.of(platformPolicies), decisions, 1.5),
    ...measure('platform policies and 20 own', PolicySet.of({ ...platformPolicies, ...own }), decisions, 1.5),
  ];
}

/** The bar of a whole checked request is 1.5 ms at p50: a decision alone must stay well below it. */
function measure(name: string, set: PolicySet, decisions: number, bar: number): Figure[] {
  const times: number[] = [];
  const ask = (index: number) => set.decide(rows[(index * 7_919) % rows.length]!.request);
  for (let index = 0; index < 300; index += 1) ask(index);
  for (let index = 0; index < decisions; index += 1) {
    const begin = performance.now();
    ask(index);
    times.push(performance.now() - begin);
  }
  set.release();
  const total = times.reduce((sum, time) => sum + time, 0);
  return [
    figure(`decision of the access policy, ${name}, p50`, quantile(times, 0.5), 'ms', bar),
    figure(`decision of the access policy, ${name}, p99`, quantile(times, 0.99), 'ms', 5),
    figure(`decisions of the access policy a second, ${name}`, (1_000 * times.length) / total, '1/s', 1_500, 'higher'),
  ];
}

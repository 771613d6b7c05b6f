/** A real public access log through the running product: every line arrives, counts once, also when it is shipped twice. */
import { existsSync } from 'node:fs';
import type { Console } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';
import { sleep, until } from './clock.js';

const FILE = '../shared/data/logs/apache_semicomplete/apache_logs';
const LINES = 10_000;
const SERVICE = 'semicomplete';

const counted = async (console_: Console): Promise<number> => {
  const { items } = await console_.call('endpoints', { params: { id: SERVICE } });
  return items.reduce((sum, endpoint) => sum + endpoint.requests, 0);
};

export async function measureRealLog(product: Product, console_: Console): Promise<Figure[]> {
  if (!existsSync(FILE)) {
    throw new Error(`${FILE} is not there: it is apache_logs of github.com/elastic/examples (Common Data Formats), 10,000 lines`);
  }
  const ship = (...more: string[]) =>
    product.run('ship', FILE, '--service', SERVICE, '--format', 'apache', '--spread', 'hour', ...more);
  await ship();
  await until(async () => ((await counted(console_)) >= LINES ? true : undefined), 'all lines counted', 120, 500).catch(
    () => undefined,
  );
  const once = await counted(console_);
  await ship('--again');
  await sleep(5000); // Room for a double count to show.
  const twice = await counted(console_);
  const { items } = await console_.call('alerts', { query: { service: SERVICE, limit: 200 } });
  for (const alert of items) console.log(`  ${alert.kind} ${alert.severity} ${alert.subject.id}: ${alert.explanation}`);
  console.log(`real log: ${once} counted, ${twice} after shipping it again, ${items.length} alerts`);
  return [
    figure('lines of apache_semicomplete not counted', Math.abs(LINES - once), 'lines', 0),
    figure('lines of apache_semicomplete counted again when shipped again', Math.abs(twice - once), 'lines', 0),
    figure('alerts on apache_semicomplete (--spread hour) without a written reason', items.length, 'alerts', 0),
  ];
}

/** Takes each defence of the admin plane out (scripts/mutate-admin.mjs) and tells how many went without a test noticing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Figure, figure } from '../report.js';

export async function defences(): Promise<Figure[]> {
  const child = spawn(process.execPath, ['scripts/mutate-admin.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk;
    process.stdout.write(chunk);
  });
  await once(child, 'close');
  const [, caught, all] = /^(\d+) of (\d+) caught/m.exec(told) ?? [];
  if (caught === undefined || all === undefined) throw new Error('the defences were not taken out: see above');
  return [
    figure('defences of the admin plane taken out one by one', Number(all), 'defences', 100, 'higher'),
    figure('of these, those that no test missed', Number(all) - Number(caught), 'defences', 0),
  ];
}

// Writes the next SQL migration from libs/storage/src/schema.ts. Run it after each change of the tables.
import { spawnSync } from 'node:child_process';

const run = spawnSync('npx', ['--no-install', 'drizzle-kit', 'generate', ...process.argv.slice(2)], {
  cwd: 'libs/storage',
  stdio: 'inherit',
});
process.exit(run.status ?? 1);

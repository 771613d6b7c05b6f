// `npm run sbom [-- FILE]`: a CycloneDX bill of materials of what runs in production, from the lock file alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const file = process.argv[2] ?? 'dist/sbom.json';
mkdirSync(dirname(file), { recursive: true });
// npm calls the optional wasm builds of Tailwind's parser invalid: they bundle their own copies. They are listed all the same.
const flags = ['--ignore-npm-errors', '--package-lock-only', '--omit', 'dev', '--output-format', 'JSON', '--output-file', file];
const { status, stderr } = spawnSync('npx', ['--no-install', 'cyclonedx-npm', ...flags], { encoding: 'utf8' });
if (status !== 0) console.error(stderr);
else console.log(`wrote ${file}`);
process.exit(status ?? 1);

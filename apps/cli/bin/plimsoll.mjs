#!/usr/bin/env node
/**
 * The `plimsoll` command. Committed as plain JavaScript, so that npm can link it before anything is built; it checks what
 * the built program cannot check itself: that this Node can run it, and that it is there.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const program = new URL('../dist/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Plimsoll needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
  );
  process.exitCode = 1;
} else if (process.platform === 'win32') {
  console.error('Plimsoll runs on Linux and macOS: on Windows, run it inside WSL.');
  process.exitCode = 1;
} else if (!existsSync(fileURLToPath(program))) {
  console.error('The plimsoll command is not built yet: run npm start, or npm run build.');
  process.exitCode = 1;
} else {
  const { main } = await import(program.href);
  await main(process.argv.slice(2));
}

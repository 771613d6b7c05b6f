/**
 * Other libraries of the contest, fetched by npm into a folder of their own for as long as the benchmark runs: they are
 * no part of the product, and OpenTelemetry alone would double the lock file. Nest's own packages are those of the workspace.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const peerVersions: Record<string, string> = {
  '@fastify/rate-limit': '11.2.0',
  'express-rate-limit': '8.7.5',
  'rate-limiter-flexible': '11.4.0',
  '@nestjs/throttler': '6.7.1',
  // The newest that run on Node 20.
  '@opentelemetry/instrumentation-http': '0.223.0',
  '@opentelemetry/instrumentation': '0.223.0',
  '@opentelemetry/exporter-trace-otlp-http': '0.223.0',
  '@opentelemetry/sdk-trace-node': '2.12.0',
  '@opentelemetry/sdk-trace-base': '2.12.0',
  '@opentelemetry/api': '1.9.1',
};
const shared = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify', 'rxjs', 'reflect-metadata'];

/** Gives the folder; its owner removes it. */
export function fetchPeers(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-peers-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: peerVersions }));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--silent'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(join(folder, 'node_modules/@nestjs'), { recursive: true });
  for (const name of shared) symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name), 'dir');
  return folder;
}

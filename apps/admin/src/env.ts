/** The environment, read once. Every fault is named; the process refuses to start with one. */
import { trustedProxies } from '@plimsoll/storage';
import { z } from 'zod';

const originUrl = z
  .url({ protocol: /^https?$/ })
  .transform((text) => new URL(text))
  .refine((url) => url.pathname === '/' && url.search === '' && url.username === '', 'an origin without a path');

const secretBytes = z
  .string()
  .regex(/^[\w-]{43}$/, '32 bytes as base64url')
  .transform((text) => Buffer.from(text, 'base64url'));

const envSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Where requests are kept; without it no history can be asked. */
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLIMSOLL_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes')
    .default('plimsoll'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().default('localhost'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(7070),
  /** Our own proxies, whose word of the client's address is believed (docs/operations.md); none: only the socket's is. */
  TRUSTED_PROXIES: trustedProxies.default([]),
  /** Where people open the console: links, cookies, the token's issuer and the allowed Origin come from it, never from a Host header. */
  PUBLIC_URL: originUrl.default(new URL('http://localhost:7070')),
  /** Where SDKs send to; shown in the console. */
  INGEST_URL: originUrl.default(new URL('http://localhost:7071')),
  /** Where the logs of the console's own requests go; without it to INGEST_URL. */
  OWN_INGEST_URL: originUrl.optional(),
  /** The built dashboard; without it `/` says so. */
  DASHBOARD_DIR: z.string().optional(),
  /** File to which signed heads of the audit are added; without it they stand in the table and the log alone. */
  AUDIT_CHECKPOINTS: z.string().min(1).optional(),
  /** Service of the demo that whoever started this process can attack; without it there is nothing to attack. */
  DEMO_SERVICE: z.string().min(1).max(60).optional(),
  /** Whom to tell of a hole in this installation (RFC 9116); without it there is no security.txt. */
  SECURITY_CONTACT: z
    .string()
    .regex(/^(mailto:|https:\/\/|tel:)[\x21-\x2b\x2d-\x7e]{3,200}(,(mailto:|https:\/\/|tel:)[\x21-\x2b\x2d-\x7e]{3,200}){0,4}$/, {
      error: 'mailto:, https: or tel: addresses, at most five, separated by commas',
    })
    .transform((text) => text.split(','))
    .optional(),
  PLIMSOLL_MASTER_KEY: secretBytes,
  /** The same as ingestion's: new API keys pin the key that signs the feed, which only this opens. */
  PLIMSOLL_FEED_KEY: secretBytes,
});
export type Env = z.output<typeof envSchema>;

/** @throws {EnvFault} with one line a fault. Values are never repeated: they may be secrets. */
export function readEnv(env: NodeJS.ProcessEnv): Env {
  const read = envSchema.safeParse(env);
  if (read.success) return read.data;
  throw new EnvFault(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

export class EnvFault extends Error {
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
  }
}

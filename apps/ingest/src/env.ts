/** The environment, read once. A process with a faulty one does not start: it names each fault and exits 78 (EX_CONFIG). */
import { trustedProxies } from '@plimsoll/storage';
import { z } from 'zod';

const url = (...protocols: string[]) =>
  z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`), error: `a URL that starts with ${protocols.join(': or ')}:` });

const envSchema = z.object({
  DATABASE_URL: url('postgres', 'postgresql'),
  REDIS_URL: url('redis', 'rediss'),
  PLIMSOLL_SHARDS: z.coerce.number().int().min(1).max(1024).default(4),
  PLIMSOLL_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes')
    .default('plimsoll'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().min(1).default('localhost'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  /** Our own proxies, whose word of the client's address is believed (docs/operations.md); none: only the socket's is. */
  TRUSTED_PROXIES: trustedProxies.default([]),
  /** Logs a second that one key may send to this process; ten seconds' worth may come at once. */
  PLIMSOLL_KEY_RATE: z.coerce.number().positive().default(50_000),
  PLIMSOLL_FEED_KEY: z
    .string()
    .regex(/^[\w-]{43}$/, '32 bytes as base64url')
    .transform((text) => Buffer.from(text, 'base64url')),
});
export type Env = z.output<typeof envSchema>;

/** @returns the typed environment, or one line for each fault. */
export function readEnv(source: NodeJS.ProcessEnv): { env: Env } | { faults: string[] } {
  const result = envSchema.safeParse(source);
  if (result.success) return { env: result.data };
  return {
    faults: result.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${source[String(issue.path[0])] === undefined ? 'is missing' : issue.message}`,
    ),
  };
}

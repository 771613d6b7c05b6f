/** The environment, read once. A process with a faulty one does not start: it names each fault and exits 78 (EX_CONFIG). */
import { z } from 'zod';

const url = (...protocols: string[]) =>
  z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`), error: `a URL that starts with ${protocols.join(': or ')}:` });

const envSchema = z.object({
  DATABASE_URL: url('postgres', 'postgresql'),
  REDIS_URL: url('redis', 'rediss'),
  /** Where every request log is kept; without it none is. */
  CLICKHOUSE_URL: url('http', 'https').optional(),
  /** MiB of request logs that may wait for ClickHouse; Redis keeps their jobs as long, at about twice the size. */
  PLIMSOLL_HISTORY_BUFFER: z.coerce.number().int().min(1).max(4_096).default(32),
  /** Days after its receipt for which a request log is kept. */
  PLIMSOLL_HISTORY_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  PLIMSOLL_SHARDS: z.coerce.number().int().min(1).max(1024).default(4),
  PLIMSOLL_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes')
    .default('plimsoll'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().min(1).default('localhost'),
  /** Serves /healthz and /readyz where it is set. */
  HEALTH_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
});
export type Env = z.output<typeof envSchema>;

/** @returns the typed environment, or one line for each fault. */
export function readEnv(source: NodeJS.ProcessEnv): { env: Env } | { faults: string[] } {
  const result = envSchema.safeParse(source);
  if (result.success) return { env: result.data };
  const fault = ({ path, message }: z.core.$ZodIssue) =>
    `${path.join('.')}: ${source[String(path[0])] === undefined ? 'is missing' : message}`;
  return { faults: result.error.issues.map(fault) };
}

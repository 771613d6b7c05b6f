/** The environment, read once. A fault ends the process with one line for each and exit code 78 (EX_CONFIG). */
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const envSchema = z.object({
  HOST: z.string().min(1).default('localhost'),
  PORT: port.default(7072),
  /** Where Plimsoll takes request logs. */
  PLIMSOLL_URL: z.url({ protocol: /^https?$/ }),
  PLIMSOLL_KEY: z.string().min(1),
  /** Benign traffic of the shop's own visitors. */
  TRAFFIC: z.enum(['on', 'off']).default('on'),
});
export type Env = z.infer<typeof envSchema>;

/** The typed environment, or one sentence for each fault. Values are never repeated: one of them is a key. */
export function readEnv(variables: NodeJS.ProcessEnv): { env: Env } | { faults: string[] } {
  const result = envSchema.safeParse(variables);
  if (result.success) return { env: result.data };
  return { faults: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

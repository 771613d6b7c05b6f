// Health check of a container: asks the process's own /readyz.
const port = process.env.PORT ?? { ingest: 7071, worker: process.env.HEALTH_PORT, admin: 7070 }[process.env.APP];
const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2500) }).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);

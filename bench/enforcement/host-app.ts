/**
 * One hello-world server of the contest, alone in its process: `FRAMEWORK VARIANT`. Says its port, and its processor time
 * when it is asked. What is not ours is loaded from the folder in PEERS, where host-peers.ts has put it.
 */
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';

const [framework = '', variant = ''] = process.argv.slice(2);
const sink = process.env['SINK'] ?? '';
const key = process.env['SINK_KEY'] ?? '';
const ours = createRequire(join(process.cwd(), 'libs/sdk/package.json'));
const peers = createRequire(join(process.env['PEERS'] ?? process.cwd(), 'package.json'));
/** Far more than the load sends: limiters count, none refuses. */
const NEVER = 1_000_000_000;
const WINDOW_MS = 60_000;

// biome-ignore lint/suspicious/noExplicitAny: packages that are fetched for the benchmark have no types here.
type Any = any;
/** Of the SDK; closes what it opened. */
let stats: () => unknown = () => undefined;

if (variant === 'opentelemetry') traceHttp();

const server: Server = await (framework === 'fastify' ? fastify() : framework === 'express' ? express() : nest());
process.on('message', (message) => {
  if (message === 'cpu') process.send?.({ cpu: process.cpuUsage(), stats: stats() });
  if (message === 'end') process.exit();
});
process.send?.({ port: (server.address() as AddressInfo).port });

async function protect(path: string, name: string): Promise<Any> {
  const made = (await import(ours.resolve(path)))[name]({
    url: sink,
    key,
    identify: (request: { headers: Record<string, string> }) => request.headers['x-user'],
  });
  await made.guard.ready(30_000);
  stats = () => made.guard.stats();
  return made;
}

async function fastify(): Promise<Server> {
  const app = ours('fastify')();
  if (variant === 'plimsoll') app.register(await protect('@plimsoll/sdk/fastify', 'plimsollFastify'));
  if (variant === '@fastify/rate-limit') await app.register(peers('@fastify/rate-limit'), { max: NEVER, timeWindow: WINDOW_MS });
  if (variant === 'rate-limiter-flexible') {
    const limiter = memoryLimiter();
    app.addHook('onRequest', async (request: Any, reply: Any) => void (await consume(limiter, request.ip, reply.raw)));
  }
  app.get('/hello', async () => ({ hello: 'world' }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

async function express(): Promise<Server> {
  const app = ours('express')();
  if (variant === 'plimsoll') app.use(await protect('@plimsoll/sdk/express', 'plimsollExpress'));
  if (variant === 'express-rate-limit') {
    app.use(
      peers('express-rate-limit').rateLimit({
        windowMs: WINDOW_MS,
        limit: NEVER,
        standardHeaders: 'draft-8',
        legacyHeaders: false,
      }),
    );
  }
  if (variant === 'rate-limiter-flexible') {
    const limiter = memoryLimiter();
    app.use((request: Any, response: Any, next: () => void) => void consume(limiter, request.ip, response).then(next));
  }
  app.get('/hello', (_request: unknown, response: Any) => response.json({ hello: 'world' }));
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}

function memoryLimiter(): Any {
  return new (peers('rate-limiter-flexible').RateLimiterMemory)({ points: NEVER, duration: WINDOW_MS / 1000 });
}

async function consume(limiter: Any, key: string, response: Any): Promise<void> {
  const { remainingPoints, msBeforeNext } = await limiter.consume(key);
  response.setHeader('RateLimit', `"default";r=${remainingPoints};t=${Math.ceil(msBeforeNext / 1000)}`);
}

/** Nest on Fastify, since it is the faster one. */
async function nest(): Promise<Server> {
  peers('reflect-metadata');
  const load = (name: string): Promise<Any> => import(peers.resolve(name));
  const { Controller, Get, Module } = await load('@nestjs/common');
  const { NestFactory, APP_GUARD } = await load('@nestjs/core');
  const { FastifyAdapter } = await load('@nestjs/platform-fastify');
  class HelloController {
    hello() {
      return { hello: 'world' };
    }
  }
  const method = Object.getOwnPropertyDescriptor(HelloController.prototype, 'hello');
  Get('hello')(HelloController.prototype, 'hello', method);
  Controller()(HelloController);
  class AppModule {}
  let ready: (app: Any) => unknown = () => undefined;
  const imports: unknown[] = [];
  const providers: unknown[] = [];
  if (variant === 'plimsoll') {
    const { PlimsollModule, PLIMSOLL } = await import(ours.resolve('@plimsoll/sdk/nest'));
    const identify = (request: Any) => request.headers['x-user'];
    imports.push(PlimsollModule.forRoot({ url: sink, key, identify }));
    stats = () => app.get(PLIMSOLL).stats();
    ready = (made) => made.get(PLIMSOLL).ready(30_000);
  }
  if (variant === '@nestjs/throttler') {
    const { ThrottlerModule, ThrottlerGuard } = await load('@nestjs/throttler');
    imports.push(ThrottlerModule.forRoot([{ ttl: WINDOW_MS, limit: NEVER }]));
    providers.push({ provide: APP_GUARD, useClass: ThrottlerGuard });
  }
  Module({ imports, providers, controllers: [HelloController] })(AppModule);
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  await ready(app);
  return app.getHttpServer();
}

/** OpenTelemetry as it is set up for traces: HTTP instrumentation, batches to a collector. Before anything loads http. */
function traceHttp(): void {
  const { NodeTracerProvider } = peers('@opentelemetry/sdk-trace-node');
  const { BatchSpanProcessor } = peers('@opentelemetry/sdk-trace-base');
  const { OTLPTraceExporter } = peers('@opentelemetry/exporter-trace-otlp-http');
  const { HttpInstrumentation } = peers('@opentelemetry/instrumentation-http');
  const { registerInstrumentations } = peers('@opentelemetry/instrumentation');
  const exporter = new OTLPTraceExporter({ url: `${sink}/v1/traces` });
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
  peers('node:http');
}

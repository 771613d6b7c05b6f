/**
 * An application of NestJS that knows its user only in a guard of its own, without decorators' syntax so that Node runs
 * it as it is. Run in a folder of packed.ts: `nest-app.mjs PLATFORM FORMAT`; prints its address.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [platform, format] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'package.json'));
const load = (name) => (format === 'cjs' ? require(name) : import(name));
const { Controller, Get, Post, Module, HttpException, RequestMethod, VersioningType } = await load('@nestjs/common');
const { NestFactory, APP_GUARD } = await load('@nestjs/core');
const { PlimsollModule, PLIMSOLL } = await load('@plimsoll/sdk/nest');

const decorate = (type, method, ...decorators) => {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method);
  for (const decorator of decorators) decorator(type.prototype, method, descriptor);
};

class OrdersController {
  one() {
    return 'order';
  }
  make() {
    return { made: true };
  }
  fail() {
    throw new Error('no');
  }
  refuse() {
    throw new HttpException('gone', 410);
  }
}
decorate(OrdersController, 'one', Get(':id'));
decorate(OrdersController, 'make', Post());
decorate(OrdersController, 'fail', Get(':id/fail'));
decorate(OrdersController, 'refuse', Get(':id/gone'));
Controller({ path: 'shops/:shop/orders', version: '1' })(OrdersController);

/** The user is known when the request has come as far as here. */
class SignedIn {
  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    request.user = { id: request.headers['x-late'] };
    return true;
  }
}

class AppModule {
  configure(consumer) {
    consumer.apply((_request, _response, next) => next()).forRoutes({ path: 'none', method: RequestMethod.ALL });
  }
}
const options = {
  url: process.env.PLIMSOLL_URL,
  key: process.env.PLIMSOLL_KEY,
  flushMs: 10,
  onError: () => undefined,
  identify: (request) => request.user?.id ?? request.headers['x-user'],
  onVerdict: (_verdict, request) => (request.headers['x-friend'] ? { verdict: 'allow' } : undefined),
};
class ConfigModule {}
Module({ providers: [{ provide: 'options', useValue: options }], exports: ['options'] })(ConfigModule);
Module({
  imports: [PlimsollModule.forRootAsync({ imports: [ConfigModule], inject: ['options'], useFactory: async (given) => given })],
  controllers: [OrdersController],
  providers: [{ provide: APP_GUARD, useClass: SignedIn }],
})(AppModule);

const adapter = platform === 'fastify' ? new (await load('@nestjs/platform-fastify')).FastifyAdapter() : undefined;
const app = adapter
  ? await NestFactory.create(AppModule, adapter, { logger: false })
  : await NestFactory.create(AppModule, { logger: false });
app.setGlobalPrefix('api');
app.enableVersioning({ type: VersioningType.URI });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
await app.get(PLIMSOLL).ready();
console.log(await app.getUrl());

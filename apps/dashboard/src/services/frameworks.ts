/**
 * The lines that put an API under protection, for each framework. `frameworks.spec.ts` finds each of them, in this order, in the
 * programs of docs/sdk, which are run as tests: what is copied here has run.
 */
export interface Framework {
  id: string;
  name: string;
  /** The page of docs/sdk that says more. */
  page: string;
  code: string;
}

const taken = (name: string, entry: string) => `import { ${name} } from '@plimsoll/sdk/${entry}';`;

const options = (identify: string, indent = '  ') =>
  [`${indent}url: process.env.PLIMSOLL_URL,`, `${indent}key: process.env.PLIMSOLL_KEY,`, `${indent}${identify}`].join('\n');

const express = `${taken('plimsollExpress', 'express')}

const protect = plimsollExpress({
${options('identify: (request) => request.user?.id, // whom your app signed in')}
});

app.use(protect); // first: sees every request, refuses by address and by credential
app.use(authenticate); // yours, which sets request.user
app.use(protect); // again: refuses by actor, records nothing twice`;

const fastify = `${taken('plimsollFastify', 'fastify')}

const plimsoll = plimsollFastify({
${options('identify: (request) => request.user?.id, // whom your app signed in')}
});

app.register(plimsoll); // before the routes`;

const nest = `${taken('PlimsollModule', 'nest')}

@Module({
  imports: [
    PlimsollModule.forRoot({
      url: process.env.PLIMSOLL_URL ?? '',
      key: process.env.PLIMSOLL_KEY ?? '',
      identify: (request) => request.user?.id, // whom your guards signed in
    }),
  ],
})
class AppModule {}`;

const koa = `${taken('plimsollKoa', 'koa')}

const protect = plimsollKoa({
${options('identify: (context) => context.state.user?.id, // whom your app signed in')}
});

app.use(protect); // first: sees every request, refuses by address and by credential
// here yours, which sets context.state.user
app.use(protect); // again: refuses by actor, records nothing twice`;

const hono = `${taken('plimsollHono', 'hono')}

const protect = plimsollHono({
${options("identify: (context) => context.get('user')?.id, // whom your app signed in")}
});

app.use(protect); // first: sees every request, refuses by address and by credential
// here yours, which sets the user
app.use(protect); // again: refuses by actor, records nothing twice`;

const http = `import { createServer } from 'node:http';
${taken('plimsollHttp', 'http')}

const identify = (request) => request.headers['x-user']; // yours: a session, a token
const guarded = plimsollHttp(
  {
${options('identify,', '    ')}
  },
  (request, response) => response.end('an order'), // your listener
);

const server = createServer(guarded);`;

export const frameworks: readonly Framework[] = [
  { id: 'express', name: 'Express', page: 'express', code: express },
  { id: 'fastify', name: 'Fastify', page: 'fastify', code: fastify },
  { id: 'nest', name: 'NestJS', page: 'nestjs', code: nest },
  { id: 'koa', name: 'Koa', page: 'koa', code: koa },
  { id: 'hono', name: 'Hono', page: 'hono', code: hono },
  { id: 'http', name: 'node:http', page: 'node-http', code: http },
];

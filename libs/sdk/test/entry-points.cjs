// Run in a folder of packed.ts: loads each way into the package in both module systems, and guards a real request by each.
const { createServer } = require('node:http');

const entries = ['', '/express', '/fastify', '/koa', '/hono', '/http', '/tokens'];
const names = async (load) =>
  Object.fromEntries(
    await Promise.all(entries.map(async (name) => [name || '/index', Object.keys(await load(`@plimsoll/sdk${name}`)).sort()])),
  );
const without = (found) =>
  Object.fromEntries(
    Object.entries(found).map(([entry, all]) => [
      entry,
      all.filter((name) => name !== 'default' && name !== '__esModule' && name !== 'module.exports'),
    ]),
  );

async function status(app) {
  const server = typeof app === 'function' ? createServer(app) : app;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  server.close();
  return answer.status;
}

async function serve(load, require) {
  const options = {
    url: 'http://127.0.0.1:9',
    key: 'plim_test',
    onError: () => undefined,
    onVerdict: () => ({ verdict: 'block' }),
  };
  const { plimsollExpress } = await load('@plimsoll/sdk/express');
  const { plimsollFastify } = await load('@plimsoll/sdk/fastify');
  const { plimsollKoa } = await load('@plimsoll/sdk/koa');
  const { plimsollHono } = await load('@plimsoll/sdk/hono');
  const { plimsollHttp } = await load('@plimsoll/sdk/http');
  const found = {};
  for (const name of ['express4', 'express']) found[name] = await status(require(name)().use(plimsollExpress(options)));
  for (const name of ['fastify4', 'fastify']) {
    const app = require(name)();
    app.register(plimsollFastify(options));
    await app.ready();
    found[name] = await status(app.server);
  }
  const koa = new (require('koa'))();
  found.koa = await status(koa.use(plimsollKoa(options)).callback());
  const hono = new (require('hono').Hono)();
  found.hono = await status(require('@hono/node-server').getRequestListener(hono.use(plimsollHono(options)).fetch));
  found.http = await status(plimsollHttp(options, (_request, response) => response.end()));
  return found;
}

(async () => {
  const required = without(await names(async (name) => require(name)));
  const imported = without(await names((name) => import(name)));
  const served = [await serve(async (name) => require(name), require), await serve((name) => import(name), require)];
  console.log(JSON.stringify({ node: process.version, required, imported, served }));
})();

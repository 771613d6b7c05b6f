/**
 * The shop: an ordinary Express API with nothing of Plimsoll in it but the one handler that is given as `guard`. It is
 * what a newcomer watches and attacks.
 */
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { findProducts, productPage, products } from './catalogue.js';
import { noteSignIn } from './identity.js';
import { Orders } from './orders.js';
import { type User, userNamed, userOfToken } from './users.js';
import { welcomePage } from './welcome.js';

const loginSchema = z.object({ user: z.string().min(1).max(64), password: z.string().max(200) });
const cartSchema = z.object({ productId: z.int() });

const refuse = (res: Response, status: number, error: string) => res.status(status).json({ error });

/** `guard` sees every request of the shop before the shop does. `url` is where people reach it, for the welcome page. */
export function createShop(guard: RequestHandler, url: () => string): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_, res) => res.json({ status: 'ok' }));
  app.use(guard);
  app.use(express.json({ limit: '10kb' }));
  app.get('/', (_, res) => welcomePage(res, url()));
  addSignIn(app);
  addCatalogue(app);
  addOrders(app, new Orders());
  app.use((_: Request, res: Response) => refuse(res, 404, 'There is nothing here.'));
  app.use(answerFault);
  return app;
}

function addSignIn(app: Express): void {
  app.post('/login', (req, res) => {
    const login = loginSchema.safeParse(req.body);
    if (!login.success) return refuse(res, 400, 'Send {"user": "user-01", "password": "..."}.');
    const user = userNamed(login.data.user);
    const right = user !== undefined && user.password === login.data.password;
    noteSignIn(req, { actor: login.data.user, authenticated: right, auth: right ? 'success' : 'failure' });
    return right ? res.json({ token: user.token }) : refuse(res, 401, 'Wrong user or password.');
  });
  app.get(
    '/me',
    forUser((user, _, res) => res.json({ name: user.name })),
  );
}

function addCatalogue(app: Express): void {
  app.get('/products', (req, res) => {
    const page = Number(req.query['page'] ?? 1);
    return Number.isInteger(page) && page > 0
      ? res.json({ page, products: productPage(page) })
      : refuse(res, 400, 'No such page.');
  });
  app.get('/products/:id', (req, res) => {
    const product = products[Number(req.params.id) - 1];
    return product ? res.json(product) : refuse(res, 404, 'No such product.');
  });
  app.get('/search', (req, res) => {
    const text = req.query['q'];
    return typeof text === 'string' && text !== ''
      ? res.json({ products: findProducts(text) })
      : refuse(res, 400, 'Search for what?');
  });
}

function addOrders(app: Express, orders: Orders): void {
  app.post(
    '/cart',
    forUser((user, req, res) => {
      const wanted = cartSchema.safeParse(req.body);
      const product = wanted.success ? products[wanted.data.productId - 1] : undefined;
      if (!product) return refuse(res, 400, 'Send {"productId": 1}.');
      const count = orders.addToCart(user.name, product);
      return count === undefined ? refuse(res, 409, 'The cart is full.') : res.status(201).json({ count });
    }),
  );
  app.post(
    '/checkout',
    forUser((user, _, res) => {
      const order = orders.checkOut(user.name);
      return order ? res.status(201).json(order) : refuse(res, 409, 'The cart is empty.');
    }),
  );
  app.get(
    '/orders/:id',
    forUser((user, req, res) => {
      const order = orders.find(Number(req.params['id']));
      if (!order) return refuse(res, 404, 'No such order.');
      return order.user === user.name ? res.json(order) : refuse(res, 403, 'That is not your order.');
    }),
  );
}

/** A handler for customers only: others are answered 401. */
function forUser(handle: (user: User, req: Request, res: Response) => unknown): RequestHandler {
  return (req, res) => {
    const user = userOfToken(req.headers.authorization);
    if (user) handle(user, req, res);
    else refuse(res, 401, 'Sign in first.');
  };
}

/** Bodies that are no JSON or too long carry their status; all else is the shop's own fault. Nothing of it is told. */
const answerFault: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = Number(error?.status ?? error?.statusCode ?? 500);
  return refuse(res, status >= 400 && status < 500 ? status : 500, status < 500 ? 'That cannot be read.' : 'Something broke.');
};

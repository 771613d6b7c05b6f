/** A shop with accounts, documents and machine clients: REST, numbers as ids. */
import { Maker, openPage, type Page, page, type Service, serviceOf } from './catalogue.js';

const maker = new Maker();
const endpoint = maker.endpoint.bind(maker);

const at = {
  login: endpoint('POST', '/login', 120, 600),
  code: endpoint('POST', '/login/code', 60, 300),
  refresh: endpoint('POST', '/token/refresh', 30, 500),
  reset: endpoint('POST', '/password/reset', 90, 200),
  me: endpoint('GET', '/me', 12, 900),
  feed: endpoint('GET', '/feed', 40, 12_000),
  notifications: endpoint('GET', '/notifications', 10, 400),
  products: endpoint('GET', '/products', 45, 20_000),
  product: endpoint('GET', '/products/:id', 25, 6_000, 'shared'),
  reviews: endpoint('GET', '/products/:id/reviews', 30, 8_000, 'shared'),
  stock: endpoint('GET', '/stock/:id', 15, 300, 'shared'),
  putStock: endpoint('PUT', '/stock/:id', 25, 200, 'shared'),
  image: endpoint('GET', '/images/:id.webp', 5, 30_000, 'shared'),
  search: endpoint('GET', '/search', 80, 9_000),
  recommendations: endpoint('GET', '/recommendations', 60, 7_000),
  cart: endpoint('GET', '/cart', 15, 2_000),
  addItem: endpoint('POST', '/cart/items', 25, 500),
  coupon: endpoint('POST', '/cart/coupon', 20, 300),
  checkout: endpoint('POST', '/checkout', 60, 900),
  payment: endpoint('POST', '/payment', 400, 700),
  confirm: endpoint('POST', '/orders/confirm', 90, 900),
  orders: endpoint('GET', '/orders', 35, 9_000),
  order: endpoint('GET', '/orders/:id', 20, 3_000, 'own'),
  invoices: endpoint('GET', '/invoices', 35, 7_000),
  invoice: endpoint('GET', '/invoices/:id', 20, 2_500, 'own'),
  pdf: endpoint('GET', '/invoices/:id/pdf', 150, 180_000, 'own'),
  messages: endpoint('GET', '/messages', 25, 6_000),
  message: endpoint('GET', '/messages/:id', 15, 2_000, 'own'),
  write: endpoint('POST', '/messages', 40, 400),
  report: endpoint('GET', '/reports/:id', 250, 60_000, 'own'),
  exported: endpoint('POST', '/exports', 900, 700_000),
  settings: endpoint('GET', '/settings', 15, 2_000),
  profile: endpoint('PUT', '/settings/profile', 30, 600),
  email: endpoint('PUT', '/settings/email', 40, 300),
  password: endpoint('PUT', '/settings/password', 120, 200),
  keys: endpoint('GET', '/api-keys', 15, 600),
  newKey: endpoint('POST', '/api-keys', 40, 500),
  health: endpoint('GET', '/health', 2, 20),
};

const TOOLS =
  'calendar tasks notes labels teams webhooks billing taxes returns suppliers shipping prices offers surveys forms'.split(' ');
/** The long tail: pages that few people use, each to its own liking. */
const tail = TOOLS.map(
  (tool) => [endpoint('GET', `/tools/${tool}`, 30, 5_000), endpoint('GET', `/tools/${tool}/:id`, 20, 2_000, 'own')] as const,
);

const pages: readonly Page[] = [
  openPage(10, [at.feed, 1, 1], [at.image, 3, 10]),
  openPage(14, [at.products, 1, 1], [at.image, 6, 20]),
  openPage(22, [at.product, 1, 1], [at.reviews, 0, 1], [at.stock, 1, 1], [at.image, 1, 5]),
  openPage(12, [at.search, 1, 5], [at.image, 2, 12]),
  page(6, [at.addItem, 1, 2], [at.cart, 1, 1]),
  page(3, [at.cart, 1, 1], [at.coupon, 0, 1]),
  page(9, [at.orders, 1, 1], [at.order, 0, 3]),
  page(6, [at.invoices, 1, 1], [at.invoice, 0, 4], [at.pdf, 0, 2]),
  page(9, [at.messages, 1, 1], [at.message, 1, 5], [at.write, 0, 1]),
  page(2, [at.report, 1, 3]),
  page(0.4, [at.report, 1, 1], [at.exported, 1, 1]),
  page(2, [at.settings, 1, 1], [at.profile, 0, 1]),
  page(0.1, [at.settings, 1, 1], [at.email, 1, 1]),
  page(0.15, [at.settings, 1, 1], [at.password, 1, 1]),
  page(0.2, [at.keys, 1, 1], [at.newKey, 0, 1]),
  ...tail.map(([list, one], index) => page(4 / (index + 2) ** 1.2, [list, 1, 1], [one, 0, 3])),
];

export const SHOP: Service = serviceOf('shop', {
  at,
  pages,
  endpoints: maker.endpoints,
  catalogue: 5_000,
  idOf: (number) => String(1000 + number),
});

/**
 * An office suite sold to companies: another sort of API than the shop. UUIDs, ids in the middle of paths, versions, one
 * GraphQL endpoint for most of what is read, larger answers, fewer pictures.
 */
import { Maker, openPage, type Page, page, type Service, serviceOf } from './catalogue.js';

const maker = new Maker();
const endpoint = maker.endpoint.bind(maker);

const graphql = endpoint('POST', '/graphql', 55, 14_000);
const at = {
  login: endpoint('POST', '/api/v2/sessions', 180, 1_400),
  code: endpoint('POST', '/api/v2/sessions/second-factor', 70, 250),
  refresh: endpoint('POST', '/oauth/token', 35, 1_800),
  reset: endpoint('POST', '/api/v2/recovery', 110, 120),
  me: endpoint('GET', '/api/v2/viewer', 18, 2_600),
  feed: graphql,
  notifications: graphql,
  search: graphql,
  recommendations: graphql,
  products: endpoint('GET', '/api/v2/templates', 70, 45_000),
  product: endpoint('GET', '/api/v2/templates/:id', 40, 15_000, 'shared'),
  reviews: endpoint('GET', '/api/v2/templates/:id/comments', 45, 9_000, 'shared'),
  stock: endpoint('GET', '/api/v2/templates/:id/usage', 20, 500, 'shared'),
  putStock: endpoint('PATCH', '/api/v2/records/:id', 45, 700, 'shared'),
  image: endpoint('GET', '/files/:id/thumbnail', 8, 11_000, 'shared'),
  cart: endpoint('GET', '/api/v2/workspaces/:id/plan', 20, 1_500),
  addItem: endpoint('POST', '/api/v2/workspaces/:id/seats', 50, 300),
  coupon: endpoint('POST', '/api/v2/workspaces/:id/vouchers', 30, 200),
  checkout: endpoint('POST', '/api/v2/transfers', 90, 1_200),
  payment: endpoint('POST', '/api/v2/transfers/:id/authorisation', 600, 500, 'own'),
  confirm: endpoint('POST', '/api/v2/transfers/:id/execution', 150, 700, 'own'),
  orders: endpoint('GET', '/api/v2/workspaces/:id/records', 60, 30_000),
  order: endpoint('GET', '/api/v2/records/:id', 25, 6_000, 'own'),
  invoices: endpoint('GET', '/api/v2/workspaces/:id/documents', 50, 22_000),
  invoice: endpoint('GET', '/api/v2/workspaces/:id/documents/:id', 30, 8_000, 'own'),
  pdf: endpoint('GET', '/api/v2/workspaces/:id/documents/:id/content', 220, 450_000, 'own'),
  messages: endpoint('GET', '/api/v2/threads', 40, 16_000),
  message: endpoint('GET', '/api/v2/threads/:id', 22, 5_000, 'own'),
  write: endpoint('POST', '/api/v2/threads/:id/replies', 60, 900, 'own'),
  report: endpoint('GET', '/api/v2/dashboards/:id/data', 400, 150_000, 'own'),
  exported: endpoint('POST', '/api/v2/exports', 1500, 1_800_000),
  settings: endpoint('GET', '/api/v2/preferences', 15, 3_500),
  profile: endpoint('PATCH', '/api/v2/viewer', 40, 900),
  email: endpoint('PUT', '/api/v2/viewer/email', 60, 200),
  password: endpoint('PUT', '/api/v2/viewer/password', 200, 100),
  keys: endpoint('GET', '/api/v2/access-tokens', 20, 900),
  newKey: endpoint('POST', '/api/v2/access-tokens', 60, 400),
  health: endpoint('GET', '/status', 1, 15),
};

const MODULES = 'boards wikis goals invoices-out contracts assets rooms timesheets leave hiring'.split(' ');
/** The long tail: modules that few companies use. */
const tail = MODULES.map(
  (module) =>
    [
      endpoint('GET', `/api/v2/workspaces/:id/${module}`, 40, 12_000),
      endpoint('GET', `/api/v2/${module}/:id`, 25, 4_000, 'own'),
    ] as const,
);

const pages: readonly Page[] = [
  openPage(8, [graphql, 1, 3], [at.image, 0, 4]),
  openPage(5, [at.products, 1, 1], [at.image, 3, 9]),
  openPage(7, [at.product, 1, 1], [at.reviews, 0, 1], [at.stock, 0, 1]),
  page(16, [graphql, 2, 6]),
  page(14, [at.orders, 1, 1], [at.order, 0, 4]),
  page(10, [at.invoices, 1, 1], [at.invoice, 0, 3], [at.pdf, 0, 1]),
  page(12, [at.messages, 1, 1], [at.message, 1, 4], [at.write, 0, 1]),
  page(4, [at.report, 1, 4]),
  page(0.5, [at.report, 1, 1], [at.exported, 1, 1]),
  page(1, [at.cart, 1, 1], [at.addItem, 0, 1]),
  page(0.5, [at.cart, 1, 1], [at.coupon, 0, 1]),
  page(2, [at.settings, 1, 1], [at.profile, 0, 1]),
  page(0.1, [at.settings, 1, 1], [at.email, 1, 1]),
  page(0.2, [at.settings, 1, 1], [at.password, 1, 1]),
  page(0.2, [at.keys, 1, 1], [at.newKey, 0, 1]),
  ...tail.map(([list, one], index) => page(5 / (index + 2) ** 1.2, [list, 1, 1], [one, 0, 2])),
];

const hex = (value: number, digits: number) => (value >>> 0).toString(16).padStart(8, '0').slice(0, digits);

/** A version 4 UUID that is always the same for the same number, and unlike its neighbours'. */
function uuidOf(number: number): string {
  const mix = (round: number) => {
    let value = Math.imul(number ^ (round * 0x9e3779b9), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 15), 0xc2b2ae35);
    return value ^ (value >>> 16);
  };
  return `${hex(mix(1), 8)}-${hex(mix(2), 4)}-4${hex(mix(3), 3)}-a${hex(mix(4), 3)}-${hex(mix(5), 8)}${hex(mix(6), 4)}`;
}

export const SUITE: Service = serviceOf('suite', { at, pages, endpoints: maker.endpoints, catalogue: 4_000, idOf: uuidOf });

/** The simulated service: a shop with accounts, documents and machine clients. What there is, how heavy, how often used. */
import type { Random } from './random.js';

export interface Endpoint {
  index: number;
  method: string;
  route: string;
  /** Medians; both are lognormal. */
  ms: number;
  bytes: number;
  /** Whose the object in the path is: everybody's catalogue, the caller's own, or none. */
  objects: 'shared' | 'own' | 'none';
}

const endpoints: Endpoint[] = [];
function endpoint(method: string, route: string, ms: number, bytes: number, objects: Endpoint['objects'] = 'none'): Endpoint {
  const made = { index: endpoints.length, method, route, ms, bytes, objects };
  endpoints.push(made);
  return made;
}

export const SERVICE = {
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
} as const;

const TOOLS =
  'calendar tasks notes labels teams webhooks billing taxes returns suppliers shipping prices offers surveys forms'.split(' ');
/** The long tail: pages that few people use, each to its own liking. */
const tail = TOOLS.flatMap((tool) => [
  endpoint('GET', `/tools/${tool}`, 30, 5_000),
  endpoint('GET', `/tools/${tool}/:id`, 20, 2_000, 'own'),
]);
export const ENDPOINTS: readonly Endpoint[] = endpoints;

export const PRODUCTS = 5_000;
/** Objects of its own that each person has, of each sort. */
export const OWN_OBJECTS = 60;

/** A page: what the client calls at once, each so many times. */
export interface Page {
  weight: number;
  /** Also for visitors without an account. */
  open: boolean;
  calls: readonly (readonly [endpoint: Endpoint, least: number, most: number])[];
}

const S = SERVICE;
export const PAGES: readonly Page[] = [
  {
    weight: 10,
    open: true,
    calls: [
      [S.feed, 1, 1],
      [S.image, 3, 10],
    ],
  },
  {
    weight: 14,
    open: true,
    calls: [
      [S.products, 1, 1],
      [S.image, 6, 20],
    ],
  },
  {
    weight: 22,
    open: true,
    calls: [
      [S.product, 1, 1],
      [S.reviews, 0, 1],
      [S.stock, 1, 1],
      [S.image, 1, 5],
    ],
  },
  {
    weight: 12,
    open: true,
    calls: [
      [S.search, 1, 5],
      [S.image, 2, 12],
    ],
  },
  {
    weight: 6,
    open: false,
    calls: [
      [S.addItem, 1, 2],
      [S.cart, 1, 1],
    ],
  },
  {
    weight: 3,
    open: false,
    calls: [
      [S.cart, 1, 1],
      [S.coupon, 0, 1],
    ],
  },
  {
    weight: 9,
    open: false,
    calls: [
      [S.orders, 1, 1],
      [S.order, 0, 3],
    ],
  },
  {
    weight: 6,
    open: false,
    calls: [
      [S.invoices, 1, 1],
      [S.invoice, 0, 4],
      [S.pdf, 0, 2],
    ],
  },
  {
    weight: 9,
    open: false,
    calls: [
      [S.messages, 1, 1],
      [S.message, 1, 5],
      [S.write, 0, 1],
    ],
  },
  { weight: 2, open: false, calls: [[S.report, 1, 3]] },
  {
    weight: 0.4,
    open: false,
    calls: [
      [S.report, 1, 1],
      [S.exported, 1, 1],
    ],
  },
  {
    weight: 2,
    open: false,
    calls: [
      [S.settings, 1, 1],
      [S.profile, 0, 1],
    ],
  },
  {
    weight: 0.1,
    open: false,
    calls: [
      [S.settings, 1, 1],
      [S.email, 1, 1],
    ],
  },
  {
    weight: 0.15,
    open: false,
    calls: [
      [S.settings, 1, 1],
      [S.password, 1, 1],
    ],
  },
  {
    weight: 0.2,
    open: false,
    calls: [
      [S.keys, 1, 1],
      [S.newKey, 0, 1],
    ],
  },
  ...TOOLS.map((_, index): Page => {
    const [list, one] = [tail[2 * index], tail[2 * index + 1]] as [Endpoint, Endpoint];
    return {
      weight: 4 / (index + 2) ** 1.2,
      open: false,
      calls: [
        [list, 1, 1],
        [one, 0, 3],
      ],
    };
  }),
];
export const OPEN_PAGES = PAGES.filter(({ open }) => open);

/** The path of one call; `owner` numbers who has the caller's own objects. */
export function pathOf({ route, objects }: Endpoint, random: Random, owner: number): string {
  if (objects === 'none') return route;
  const id = objects === 'shared' ? random.popular(PRODUCTS) : owner * OWN_OBJECTS + random.whole(0, OWN_OBJECTS - 1);
  return route.replace(':id', String(1000 + id));
}

const WORDS = 'admin backup config db dump env git old private shell test tmp upload wp api console debug export internal'.split(
  ' ',
);
const ENDINGS = ['.php', '.bak', '.zip', '', '.asp', '.sql'];
/** What scanners ask for; distinct for distinct `index`. */
export const unknownPath = (index: number): string =>
  `/${WORDS[index % WORDS.length]}/${WORDS[Math.floor(index / WORDS.length) % WORDS.length]}${ENDINGS[Math.floor(index / WORDS.length ** 2) % ENDINGS.length]}`;

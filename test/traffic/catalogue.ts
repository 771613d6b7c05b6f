/**
 * What a simulated service is: endpoints by the part that they play in people's habits (so that habits, machines and
 * attacks are written once), pages of calls that go out together, and how objects are named. `shop.ts` and `suite.ts` are two.
 */
import type { Random } from './random.js';

export interface Endpoint {
  index: number;
  method: string;
  /** `:id` once, or twice: then the first is whose it is. */
  route: string;
  /** Medians; both are lognormal. */
  ms: number;
  bytes: number;
  /** Whose the object in the path is: everybody's catalogue, the caller's own, or none. */
  objects: 'shared' | 'own' | 'none';
}

/** A page: what the client calls at once, each so many times. */
export interface Page {
  weight: number;
  /** Also for visitors without an account. */
  open: boolean;
  calls: readonly (readonly [endpoint: Endpoint, least: number, most: number])[];
}

/** The parts that endpoints play. One endpoint may play several: a GraphQL one does. */
export type Part =
  | 'login'
  | 'code'
  | 'refresh'
  | 'reset'
  | 'me'
  | 'feed'
  | 'notifications'
  | 'products'
  | 'product'
  | 'reviews'
  | 'stock'
  | 'putStock'
  | 'image'
  | 'search'
  | 'recommendations'
  | 'cart'
  | 'addItem'
  | 'coupon'
  | 'checkout'
  | 'payment'
  | 'confirm'
  | 'orders'
  | 'order'
  | 'invoices'
  | 'invoice'
  | 'pdf'
  | 'messages'
  | 'message'
  | 'write'
  | 'report'
  | 'exported'
  | 'settings'
  | 'profile'
  | 'email'
  | 'password'
  | 'keys'
  | 'newKey'
  | 'health';

export interface Service {
  name: string;
  at: Readonly<Record<Part, Endpoint>>;
  endpoints: readonly Endpoint[];
  pages: readonly Page[];
  openPages: readonly Page[];
  /** Everybody's taste over `openPages`, as cumulative weights. */
  openTaste: readonly number[];
  /** Objects that everybody may see. */
  catalogue: number;
  /** How the service names its n-th object. */
  idOf: (number: number) => string;
}

export const page = (weight: number, ...calls: Page['calls']): Page => ({ weight, open: false, calls });
/** One that visitors see too. */
export const openPage = (weight: number, ...calls: Page['calls']): Page => ({ weight, open: true, calls });

/** Numbers the endpoints of one service. */
export class Maker {
  readonly endpoints: Endpoint[] = [];

  endpoint(method: string, route: string, ms: number, bytes: number, objects: Endpoint['objects'] = 'none'): Endpoint {
    const made = { index: this.endpoints.length, method, route, ms, bytes, objects };
    this.endpoints.push(made);
    return made;
  }
}

export function serviceOf(name: string, parts: Pick<Service, 'at' | 'endpoints' | 'pages' | 'catalogue' | 'idOf'>): Service {
  const openPages = parts.pages.filter(({ open }) => open);
  return { name, ...parts, openPages, openTaste: cumulated(openPages.map(({ weight }) => weight)) };
}

export function cumulated(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** Objects of its own that each person has, of each sort. */
export const OWN_OBJECTS = 60;

/** The path to the object with a number; `owner` numbers whose it is, where the route says so. */
export function pathTo({ idOf }: Service, { route }: Endpoint, object: number, owner: number): string {
  const last = route.lastIndexOf(':id');
  if (last < 0) return route;
  const path = `${route.slice(0, last)}${idOf(object)}${route.slice(last + 3)}`;
  return path.includes(':id') ? path.replace(':id', idOf(OWNERS + owner)) : path;
}

/** Numbers of owners begin here, so that they are nobody's objects. */
const OWNERS = 500_000_000;

/** The path of one call; `owner` numbers who has the caller's own objects. */
export function pathOf(service: Service, endpoint: Endpoint, random: Random, owner: number): string {
  const { objects, route } = endpoint;
  if (objects === 'none') return route.includes(':id') ? pathTo(service, endpoint, owner, owner) : route;
  const object =
    objects === 'shared' ? random.popular(service.catalogue) : owner * OWN_OBJECTS + random.whole(0, OWN_OBJECTS - 1);
  return pathTo(service, endpoint, object, owner);
}

const WORDS = 'admin backup config db dump env git old private shell test tmp upload wp api console debug export internal'.split(
  ' ',
);
const ENDINGS = ['.php', '.bak', '.zip', '', '.asp', '.sql'];
/** What scanners ask for; distinct for distinct `index`. */
export const unknownPath = (index: number): string =>
  `/${WORDS[index % WORDS.length]}/${WORDS[Math.floor(index / WORDS.length) % WORDS.length]}${ENDINGS[Math.floor(index / WORDS.length ** 2) % ENDINGS.length]}`;

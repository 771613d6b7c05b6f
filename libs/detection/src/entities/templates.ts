/**
 * Endpoint templates of all services. Where the framework gives no route, the template is learnt from raw paths: ids are
 * cut out at once; a level of the path that shows many distinct words is a parameter too. A learnt collapse is a fact
 * that only ever gets added, and the template is a function of the path and the set of facts, so that shards which share
 * their facts agree. Hostile paths cost bounded memory: beyond the cap an endpoint is `METHOD /*`, counted.
 */
import { boundedRoute } from './name-bounds.js';
import { isIdentifier, MAX_DEPTH, parameterOf, segmentsOf, staticExtension, withoutExtension } from './segments.js';

export interface TemplatesOptions {
  /** Endpoints of one service; further ones are `METHOD /*`. */
  maxEndpoints?: number;
}

/** Words at one level of the path until it is a parameter; the root has the API's own nouns and deserves patience. */
const VARIETY = 60;
const ROOT_VARIETY = 300;
/** Raw paths remembered with their template; the memory starts afresh when full. */
const RECENT = 5_000;
/** Methods that endpoints are named by; requests with another are of `OTHER`. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH PURGE'.split(
    ' ',
  ),
);

interface ServiceTemplates {
  endpoints: Set<string>;
  /** Learnt facts: the level's prefix and the extension, `/blog/:id` or `/images/:id.png`. */
  collapses: Set<string>;
  /** Distinct words seen below a prefix, until it collapses. */
  words: Map<string, Set<string>>;
  wordCount: number;
  /** Results by method and path or route. */
  recent: Map<string, string>;
}

export class Templates {
  /** Requests whose endpoint was beyond the cap. */
  overflowed = 0;
  readonly #services = new Map<string, ServiceTemplates>();
  readonly #maxEndpoints: number;
  #learnt: { service: string; collapse: string }[] = [];

  constructor({ maxEndpoints = 2_000 }: TemplatesOptions = {}) {
    this.#maxEndpoints = maxEndpoints;
  }

  /**
   * The endpoint of a request, `METHOD /route/:param`.
   * @param route the framework's template where it gave one; braces and angle brackets become `:param`
   * @param status of the answer where known: paths that the service does not know (400, 404, 405) teach nothing, so that a
   *   scanner's inventions neither collapse a level nor use up the cap
   */
  endpointOf(service: string, method: string, route: string | undefined, path: string, status?: number): string {
    const known = this.#serviceOf(service);
    const verb = KNOWN_METHODS.has(method) ? method : 'OTHER';
    const teaches = status !== 400 && status !== 404 && status !== 405;
    const framework = route === undefined || isCatchAll(route) ? undefined : route;
    const key = `${verb} ${framework === undefined ? `p${path}` : `r${framework}`}`;
    const recent = known.recent.get(key);
    if (recent !== undefined) return recent;
    const template = framework === undefined ? this.#learn(service, known, path, teaches) : routeTemplate(framework);
    const endpoint = `${verb} ${template}`;
    if (!this.#admit(known, endpoint, teaches || framework !== undefined)) return `${verb} /*`;
    if (teaches || framework !== undefined) remember(known.recent, key, endpoint);
    return endpoint;
  }

  /** Grow-only facts learnt since the last take: store them as a set a service, and tell every shard. */
  takeCollapses(): { service: string; collapse: string }[] {
    const learnt = this.#learnt;
    this.#learnt = [];
    return learnt;
  }

  /** Adds facts that another shard learnt or that were stored. Safe to repeat. */
  restore(service: string, collapses: Iterable<string>): void {
    const known = this.#serviceOf(service);
    for (const collapse of collapses) {
      if (!known.collapses.has(collapse) && known.collapses.size < this.#maxEndpoints) this.#add(known, collapse);
    }
  }

  #serviceOf(service: string): ServiceTemplates {
    let known = this.#services.get(service);
    if (!known) {
      known = { endpoints: new Set(), collapses: new Set(), words: new Map(), wordCount: 0, recent: new Map() };
      this.#services.set(service, known);
    }
    return known;
  }

  /** Memory of a service is bounded by the endpoints that it may have, however the paths look. */
  #admit(known: ServiceTemplates, endpoint: string, teaches: boolean): boolean {
    if (known.endpoints.has(endpoint)) return true;
    if (teaches && known.endpoints.size < this.#maxEndpoints) {
      known.endpoints.add(endpoint);
      return true;
    }
    if (teaches) this.overflowed += 1;
    return false;
  }

  #learn(service: string, known: ServiceTemplates, path: string, teaches: boolean): string {
    let prefix = '';
    for (const segment of segmentsOf(path, MAX_DEPTH)) {
      prefix += `/${this.#levelOf(service, known, prefix, segment, teaches)}`;
    }
    return prefix === '' ? '/' : boundedRoute(prefix);
  }

  #levelOf(service: string, known: ServiceTemplates, prefix: string, segment: string, teaches: boolean): string {
    const parameter = parameterOf(segment);
    if (isIdentifier(withoutExtension(segment))) return parameter;
    const level = `${prefix}/${parameter}`;
    if (known.collapses.has(level)) return parameter;
    if (!teaches || !this.#hasVariety(known, prefix, level, segment)) return segment;
    this.#add(known, level);
    this.#learnt.push({ service, collapse: level });
    return parameter;
  }

  /** Notes the word; true when the level has shown so many that it is a parameter. */
  #hasVariety(known: ServiceTemplates, prefix: string, level: string, word: string): boolean {
    const words = known.words.get(level) ?? new Set();
    if (words.has(word)) return false;
    if (known.wordCount >= 20 * this.#maxEndpoints) return false; // Full: what is new stays a word and meets the cap of endpoints.
    known.words.set(level, words.add(word));
    known.wordCount += 1;
    return words.size > (prefix === '' && staticExtension(word) === '' ? ROOT_VARIETY : VARIETY);
  }

  /** A new fact replaces the words of its level, and what was known below them. */
  #add(known: ServiceTemplates, collapse: string): void {
    known.collapses.add(collapse);
    known.recent.clear();
    const below = collapse.slice(0, collapse.lastIndexOf('/') + 1);
    const words = known.words.get(collapse) ?? new Set();
    for (const [level, deeper] of known.words) {
      const word = level.startsWith(below) ? level.slice(below.length).split('/', 1)[0] : undefined;
      if (level !== collapse && (word === undefined || !words.has(word))) continue;
      known.words.delete(level);
      known.wordCount -= deeper.size;
    }
    for (const endpoint of known.endpoints) {
      const path = endpoint.slice(endpoint.indexOf(' ') + 1);
      const word = path.startsWith(below) ? path.slice(below.length).split('/', 1)[0] : undefined;
      if (word !== undefined && words.has(word)) known.endpoints.delete(endpoint);
    }
  }
}

function remember(recent: Map<string, string>, key: string, endpoint: string): void {
  if (recent.size >= RECENT) recent.clear();
  if (key.length <= 512) recent.set(key, endpoint);
}

/** Express and others report `*` or `/*` where only a catch-all matched: that says nothing about the path. */
function isCatchAll(route: string): boolean {
  return /^\/?(\*|\(\.\*\)|\{?\*\w*\}?)?$/.test(route) && route !== '/';
}

/** The name of an endpoint as people write it in settings: `POST /orders/{id}/` is `POST /orders/:id`. */
export function endpointNamed(text: string): string {
  const gap = text.indexOf(' ');
  const route = text.slice(gap + 1);
  return isCatchAll(route) ? text : `${text.slice(0, gap)} ${routeTemplate(route)}`;
}

/** `{id}`, `<int:id>`, `[id]`, `:id(\\d+)` and `*rest` become `:id` and `:rest`; one slash at the front, none at the end. */
function routeTemplate(route: string): string {
  const plain = route.replace(/\([^()]*\)/g, '').replace(/(?<=[\]\w\\])\{\d+(?:,\d*)?\}/g, '');
  const segments = segmentsOf(plain, MAX_DEPTH + 4).map((segment) =>
    segment
      .replace(/\{(?:\.{3}|\*{1,2})?([\w-]+)(?:[:=?][^{}]*)?\}/g, ':$1')
      .replace(/<(?:\w+:)?([\w-]+)>/g, ':$1')
      .replace(/\[{1,2}(?:\.{3})?([\w-]+)\]{1,2}/g, ':$1')
      .replace(/^\*{1,2}(\w*)$/, (_, name: string) => `:${name || 'rest'}`)
      .replace(/(?<=:\w+)[?+*]$/, ''),
  );
  return boundedRoute(`/${segments.join('/')}`);
}

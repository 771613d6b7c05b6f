/**
 * Which endpoint will a request be? Asked before the framework has routed it, to match decisions that hold for one
 * endpoint. Answered from the route templates that finished requests had, the most literal match first, else by
 * the decision's own template. Matching is linear in the path, never a regular expression: templates may come
 * from a hostile server. At most 1,000 templates are kept; beyond that new ones are matched by the decision's template.
 */
import { cleanText } from './log.js';

const MAX_TEMPLATES = 1_000;

/** A part of a template: a literal in lower case, one segment of any text, or the rest of the path. */
type Part = { type: 'literal'; text: string } | { type: 'any' } | { type: 'rest' };

interface Pattern {
  parts: readonly Part[];
  /** The greater of two that match one path is the more literal: 2 literal, 1 any, 0 rest at each place, 3 the end. */
  rank: string;
}

/** An endpoint of a decision, ready to be matched. */
export interface EndpointPattern extends Pattern {
  method: string;
  template: string;
}

/** What can be known of a request's endpoint before it is routed. */
export interface Location {
  method: string;
  segments: readonly string[];
  /** The known template that most likely serves it. */
  template: string | undefined;
  rank: string;
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

/** `/orders/:id`, `/files/*path`, `/a{/:b}`; what is not a plain parameter (groups, optional parts) matches any rest. */
function patternOf(template: string): Pattern {
  const parts: Part[] = [];
  let rank = '';
  for (const segment of segmentsOf(template)) {
    // `files{` opens an optional part that begins with the next slash.
    const opens = /^[^*{}()?+]+\{$/.test(segment);
    const plain = opens ? segment.slice(0, -1) : segment;
    if (/[*{}()?+]/.test(plain)) return { parts: [...parts, { type: 'rest' }], rank: `${rank}0` };
    const any = plain.includes(':');
    parts.push(any ? { type: 'any' } : { type: 'literal', text: plain.toLowerCase() });
    rank += any ? '1' : '2';
    if (opens) return { parts: [...parts, { type: 'rest' }], rank: `${rank}0` };
  }
  return { parts, rank: `${rank}3` };
}

/** `/orders/:id` ready to be matched: does it serve a path? */
export function pathMatcher(template: string): (path: string) => boolean {
  const pattern = patternOf(template);
  return (path) => matches(pattern, segmentsOf(path));
}

/** The pattern of `GET /orders/:id`. */
export function endpointPattern(endpoint: string): EndpointPattern {
  const space = endpoint.indexOf(' ');
  const template = endpoint.slice(space + 1);
  return { ...patternOf(template), method: endpoint.slice(0, Math.max(space, 0)), template };
}

/** Case and trailing slashes do not matter, as in Express: they must not be a way around a decision. */
function matches(pattern: Pattern, segments: readonly string[]): boolean {
  for (const [index, part] of pattern.parts.entries()) {
    if (part.type === 'rest') return true;
    const segment = segments[index];
    if (segment === undefined || (part.type === 'literal' && part.text !== segment.toLowerCase())) return false;
  }
  return segments.length === pattern.parts.length;
}

/** Would a route with this template serve the path? */
export const templateServes = (template: string, path: string): boolean => matches(patternOf(template), segmentsOf(path));

export class Routes {
  readonly #byMethod = new Map<string, Map<string, Pattern>>();
  #size = 0;
  #lastRoute = '';
  #lastMethod = '';

  get size(): number {
    return this.#size;
  }

  /** Remembers the template of a finished request; mostly the one before. `route` need not be cleaned. */
  learn(method: string, route: string): void {
    if (route === this.#lastRoute && method === this.#lastMethod) return;
    this.#lastRoute = route;
    this.#lastMethod = method;
    const template = cleanText(route);
    let templates = this.#byMethod.get(method);
    if (templates?.has(template) || this.#size >= MAX_TEMPLATES) return;
    if (!templates) {
      templates = new Map();
      this.#byMethod.set(method, templates);
    }
    templates.set(template, patternOf(template));
    this.#size += 1;
  }

  locate(method: string, path: string): Location {
    const segments = segmentsOf(path);
    let template: string | undefined;
    let rank = '';
    for (const [candidate, pattern] of this.#byMethod.get(method) ?? []) {
      if (pattern.rank > rank && matches(pattern, segments)) [template, rank] = [candidate, pattern.rank];
    }
    return { method, segments, template, rank };
  }

  /**
   * Is the endpoint the one that this request goes to? Of two templates that were both seen as routes the located one
   * is; a template that was never seen here (learnt from raw paths by the server) is matched itself, unless a known
   * route is more literal: `GET /*` is not the endpoint of what `/orders/:id` serves.
   */
  serves(endpoint: EndpointPattern, at: Location): boolean {
    if (endpoint.method !== at.method) return false;
    if (at.template === endpoint.template) return true;
    if (at.template !== undefined && this.#byMethod.get(at.method)?.has(endpoint.template)) return false;
    return endpoint.rank >= at.rank && matches(endpoint, at.segments);
  }
}

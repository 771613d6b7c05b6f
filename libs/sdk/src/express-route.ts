/**
 * The route template of an Express request, also through routers mounted in routers with parameters. Express keeps only
 * the concrete base (`/users/17`) and forgets it when a router is left, so each base is noted at the moment when Express
 * sets `baseUrl` on this one request object, and with it the route that was set before: it lies below the base that is
 * left. No prototype of the host's is touched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { templateServes } from './routes.js';

/** What is used of Express's request; its own type fits. */
export interface ExpressRequest extends IncomingMessage {
  originalUrl?: string;
  baseUrl?: string;
  params?: unknown;
  route?: unknown;
}

interface Trail {
  baseUrl: string;
  route: unknown;
  /** Template of each base that was entered: `/users/17` is `/users/:id`. */
  bases: Map<string, string> | undefined;
  /** Templates of the last route that matched, with its base; several where it has several paths. */
  templates: string[];
}

// On the request itself: a WeakMap costs more than all the rest here.
const TRAIL = Symbol('plimsoll trail');
type Followed = ExpressRequest & { [TRAIL]: Trail };

// One pair of functions for all requests, so that they keep one hidden class.
const baseUrlAccessor: PropertyDescriptor & ThisType<Followed> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[TRAIL].baseUrl;
  },
  set(value: unknown) {
    const trail = this[TRAIL];
    note(trail, this.route);
    enter(trail, String(value ?? ''), this.params);
  },
};

/** The route that is set now lies below the base of now. */
function note(trail: Trail, route: unknown): void {
  if (route === trail.route) return;
  trail.route = route;
  trail.templates = pathsOf(route).map((path) => join(templateAt(trail), path));
}

/** From now on, notes where Express takes this request. Once a request. */
export function followRoute(request: ExpressRequest): void {
  const trail: Trail = { baseUrl: '', route: request.route, bases: undefined, templates: [] };
  enter(trail, request.baseUrl ?? '', request.params);
  (request as Followed)[TRAIL] = trail;
  Object.defineProperty(request, 'baseUrl', baseUrlAccessor);
}

/** Whether V8 makes a hidden class for each single object whose prototype was changed, as it did up to Node 20. */
const CLASS_FOR_EACH = Number.parseInt(process.versions.v8, 10) < 12;

/**
 * Keeps the response's properties in a table. Express gives each response another prototype; on Node 20 each property that is set after
 * that costs a hidden class of its own, and Node sets a dozen to write an answer. In a table they cost a quarter, so that a guarded
 * hello world takes less than a bare one. To take a property out that is not the last one is what makes V8 do that; the
 * same is put back at once. What the request's `baseUrl` is made (above) does it to the request.
 */
export function inTable(response: ServerResponse): void {
  if (!CLASS_FOR_EACH) return;
  const { req } = response;
  if (Reflect.deleteProperty(response, 'req')) (response as { req: unknown }).req = req;
}

/**
 * The template of the route that served the request; undefined where none did, or one for all paths, or one by RegExp. A
 * 404 of a route for all paths below one (`/api/*path`, as Nest makes it) says that there is none.
 */
export function routeOf(request: ExpressRequest, path: string, status: number): string | undefined {
  const { [TRAIL]: trail } = request as Partial<Followed>;
  if (trail) note(trail, request.route);
  const { templates = [] } = trail ?? {};
  const template = templates.length > 1 ? templates.find((one) => templateServes(one, path)) : templates[0];
  if (template === undefined || FOR_ALL.test(template)) return undefined;
  return status === 404 && /\/[({]*\.?\*\w*[)}]*$/.test(template) ? undefined : template;
}

/** `*`, `/*path`, `{/*path}`, `(.*)`. */
const FOR_ALL = /^\/?[({]*\/?\.?\*\w*[)}]*$/;

const templateAt = (trail: Trail): string => trail.bases?.get(trail.baseUrl) ?? trail.baseUrl;

function enter(trail: Trail, baseUrl: string, params: unknown): void {
  if (baseUrl.length > trail.baseUrl.length && baseUrl.startsWith(trail.baseUrl)) {
    trail.bases ??= new Map();
    trail.bases.set(baseUrl, templateAt(trail) + templateOf(baseUrl.slice(trail.baseUrl.length), params));
  }
  trail.baseUrl = baseUrl;
}

/** `/users/17` with `{ id: '17' }` is `/users/:id`. From the right, as literals tend to stand left. */
function templateOf(base: string, params: unknown): string {
  const segments = base.split('/');
  const entries = typeof params === 'object' && params !== null ? Object.entries(params).reverse() : [];
  for (const [name, value] of entries) {
    const place = segments.findLastIndex((segment) => segment !== '' && (segment === value || decoded(segment) === value));
    // A wildcard spans segments: what stands before it is not known either.
    if (place >= 0) segments[place] = `:${name}`;
    else if (typeof value !== 'string' || value.includes('/')) return '/*';
  }
  return segments.join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function pathsOf(route: unknown): string[] {
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return (Array.isArray(path) ? path : [path]).filter((one): one is string => typeof one === 'string');
}

/** `/orders` and `/` is `/orders`. */
function join(base: string, path: string): string {
  const joined = path === '/' && base !== '' ? base : base + (path.startsWith('/') || path === '' ? path : `/${path}`);
  return joined === '' ? '/' : joined;
}

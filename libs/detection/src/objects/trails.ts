/**
 * Endpoints whose objects can be walked over, by name: known from a stored state before a request comes, and found by the
 * endpoint's index afterwards. Static files, sign-ins and the overflow endpoint have none: pages bring their own images.
 */
import { classOf, type Endpoint } from '../entities/endpoints.js';
import { Course } from './course.js';
import type { Commons, Everyone } from './norms.js';

export interface Trail {
  readonly index: number;
  readonly service: string;
  /** `METHOD /route/:param`. */
  readonly name: string;
  readonly course: Course;
  readonly everyone: Everyone;
}

export class Trails {
  readonly #commons: Commons;
  readonly #byName = new Map<string, Trail | null>();
  readonly #byEndpoint: (Trail | null | undefined)[] = [];
  readonly #all: Trail[] = [];

  constructor(commons: Commons) {
    this.#commons = commons;
  }

  /** Null where there is nothing to walk over. */
  of(endpoint: Endpoint): Trail | null {
    const known = this.#byEndpoint[endpoint.index];
    if (known !== undefined) return known;
    const trail = this.named(endpoint.service, endpoint.name);
    this.#byEndpoint[endpoint.index] = trail;
    return trail;
  }

  named(service: string, name: string): Trail | null {
    const key = `${service}\n${name}`;
    const known = this.#byName.get(key);
    if (known !== undefined) return known;
    const course = classOf(name) === 'other' ? Course.of(name) : undefined;
    const trail = course ? { index: this.#all.length, service, name, course, everyone: this.#commons.of(service, name) } : null;
    if (trail) this.#all.push(trail);
    this.#byName.set(key, trail);
    return trail;
  }

  at(index: number): Trail | undefined {
    return this.#all[index];
  }
}

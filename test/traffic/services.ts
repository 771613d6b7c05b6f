/** The simulated services by name. */
import type { Service } from './catalogue.js';
import { SHOP } from './shop.js';
import { SUITE } from './suite.js';

export const SERVICES = { shop: SHOP, suite: SUITE } as const satisfies Record<string, Service>;
export type ServiceName = keyof typeof SERVICES;

/**
 * The inventory of ways in: every route is an operation of the contract, which has an action, or says that it is open;
 * every event of a gateway has an action. A way in that is none of these stops the process before it listens.
 */
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { OPERATION } from '../api/operation.js';
import { OPEN } from '../auth/guards.js';
import { EVENT_ACTION } from './policy-guard.js';
import { unplaced } from './resources.js';

/** Where Nest keeps what its decorators say of a method. */
const ROUTE = 'path';
const EVENT = 'message';

type Class = abstract new (...parts: never[]) => unknown;

/** @throws naming every way in that nothing guards. */
export function refuseUnguarded(app: INestApplicationContext): void {
  const faults = [...unguarded(classesOf(app)), ...unplaced().map((name) => `${name}: nothing says on what it works`)];
  if (faults.length > 0) throw new Error(`not guarded by the access policy: ${faults.join('; ')}`);
}

/** `Class.method` of each route without an operation or `@Open`, and of each event without `@Asks`. */
export function unguarded(classes: readonly Class[]): string[] {
  const faults: string[] = [];
  for (const type of classes) {
    for (const name of Object.getOwnPropertyNames(type.prototype)) {
      const method: unknown = Object.getOwnPropertyDescriptor(type.prototype, name)?.value;
      if (typeof method !== 'function' || name === 'constructor') continue;
      const has = (key: string, target: object = method) => Reflect.hasMetadata(key, target);
      if (has(ROUTE) && !has(OPERATION) && !has(OPEN) && !has(OPEN, type)) faults.push(`${type.name}.${name}`);
      if (has(EVENT) && !has(EVENT_ACTION)) faults.push(`${type.name}.${name}`);
    }
  }
  return faults;
}

function classesOf(app: INestApplicationContext): Class[] {
  const all = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
    ...module.providers.values(),
  ]);
  return all.flatMap(({ metatype }) => (typeof metatype === 'function' && metatype.prototype ? [metatype as Class] : []));
}

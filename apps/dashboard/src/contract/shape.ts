/**
 * Checks a value against a part of the contract in the compact form that the build makes of its schemas (compile.ts): the page comes
 * without the library of schemas. What is not in the shape is left out of the copy that is given back.
 */

/** Text, number, whole number, truth value, null, anything. */
export type Leaf = 's' | 'n' | 'i' | 'b' | '0' | '*';

/** One demand beyond the type; forms are checked for them, answers are not. */
export type Demand =
  | { min: number }
  | { max: number }
  /** `says` completes `must be`. */
  | { like: RegExp; says: string }
  | { as: 'ipv6' | 'cidrv6' }
  /** None of the alternatives fits. */
  | { says: string }
  /** No fields beside those of the shape. */
  | { strict: true }
  /** By name, since functions of a schema do not outlive the build. */
  | { rule: string };

/** A field whose name ends with `?` may be left out. */
export interface Fields {
  readonly [name: string]: Shape;
}

export type Shape =
  | Leaf
  | Fields
  /** One of these values. */
  | readonly ['=', ...(string | number | boolean)[]]
  | readonly ['[', Shape]
  | readonly ['(', ...Shape[]]
  /** The first of these that fits. */
  | readonly ['|', ...Shape[]]
  /** Values under whatever names. */
  | readonly ['{', Shape]
  /** As the value of a field says. */
  | readonly ['?', string, Fields]
  /** Another value in place of none. */
  | readonly ['~', Shape, unknown]
  | readonly ['&', Shape, ...Demand[]];

export interface Fault {
  /** `groups.0.addresses.2`; empty for the value itself. */
  path: string;
  /** `must be a number`. */
  reason: string;
}

/** Rules by name: each hears a value whose parts have the right types. */
export type Rules = Readonly<
  Record<string, (value: never) => readonly { path: readonly (string | number)[]; message: string }[]>
>;

export type Checked = { type: 'sound'; value: unknown } | { type: 'faulty'; faults: readonly Fault[] };

export function check(shape: Shape, value: unknown, rules: Rules = {}): Checked {
  const reader = new Reader(rules);
  const read = reader.read(shape, value);
  return reader.faults.length === 0 ? { type: 'sound', value: read } : { type: 'faulty', faults: reader.faults };
}

const leafWords: Record<Leaf, string> = {
  s: 'must be text',
  n: 'must be a number',
  i: 'must be a whole number',
  b: 'must be true or false',
  '0': 'must be null',
  '*': 'must be there',
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sentences that begin by themselves with what must be. */
const mustBe = (says: string): string => (/^(must|may|needs)\b/.test(says) ? says : `must be ${says}`);

class Reader {
  readonly faults: Fault[] = [];
  readonly #rules: Rules;
  readonly #path: (string | number)[] = [];
  /** Faults of type: what is wrong so is not looked at any closer. */
  #wrongTypes = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  read(shape: Shape, value: unknown): unknown {
    if (typeof shape === 'string') return this.#leaf(shape, value);
    if (!isTagged(shape)) return this.#object(shape, value);
    switch (shape[0]) {
      case '=':
        return shape.includes(value as string, 1) ? value : this.#wrong(`must be one of ${shape.slice(1).join(', ')}`);
      case '[':
        return Array.isArray(value) ? value.map((item, index) => this.#at(index, shape[1], item)) : this.#wrong('must be a list');
      case '(':
        return this.#tuple(shape.slice(1) as Shape[], value);
      case '|':
        return this.#alternatives(shape.slice(1) as Shape[], value);
      case '{':
        if (!isRecord(value)) return this.#wrong('must be an object');
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#at(name, shape[1], item)]));
      case '?':
        return this.#chosen(shape[1], shape[2], value);
      case '~':
        return this.read(shape[1], value === undefined ? shape[2] : value);
      case '&':
        return this.#demanding(shape[1], shape.slice(2) as Demand[], value);
    }
  }

  #leaf(leaf: Leaf, value: unknown): unknown {
    const right =
      (leaf === '*' && value !== undefined) ||
      (leaf === 's' && typeof value === 'string') ||
      (leaf === 'b' && typeof value === 'boolean') ||
      (leaf === '0' && value === null) ||
      (leaf === 'n' && Number.isFinite(value)) ||
      (leaf === 'i' && Number.isInteger(value));
    if (right) return value;
    return this.#wrong(leaf === 'i' && !Number.isFinite(value) ? leafWords.n : leafWords[leaf]);
  }

  #object(fields: Fields, value: unknown): unknown {
    if (!isRecord(value)) return this.#wrong('must be an object');
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(fields)) {
      const optional = key.endsWith('?');
      const name = optional ? key.slice(0, -1) : key;
      const item = value[name];
      if (item === undefined && optional) continue;
      copy[name] = this.#at(name, fields[key] as Shape, item);
    }
    return copy;
  }

  #tuple(shapes: readonly Shape[], value: unknown): unknown {
    if (!Array.isArray(value) || value.length !== shapes.length) return this.#wrong(`must be a list of ${shapes.length}`);
    return shapes.map((shape, index) => this.#at(index, shape, value[index]));
  }

  #alternatives(shapes: readonly Shape[], value: unknown): unknown {
    // What may be null and is not is told what else it must be.
    const [only, ...others] = value === null ? shapes : shapes.filter((shape) => shape !== '0');
    if (only !== undefined && others.length === 0) return this.read(only, value);
    for (const shape of shapes) {
      const read = check(shape, value, this.#rules);
      if (read.type === 'sound') return read.value;
    }
    return this.#wrong('has none of the forms that it may have');
  }

  #chosen(field: string, shapes: Fields, value: unknown): unknown {
    if (!isRecord(value)) return this.#wrong('must be an object');
    const name = String(value[field]);
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return shape === undefined ? this.#at(field, ['=', ...Object.keys(shapes)], value[field]) : this.read(shape, value);
  }

  #demanding(shape: Shape, demands: readonly Demand[], value: unknown): unknown {
    const says = demands.find((demand): demand is { says: string } => 'says' in demand && !('like' in demand));
    if (says && check(shape, value, this.#rules).type === 'faulty') return this.#wrong(mustBe(says.says));
    const before = this.#wrongTypes;
    const read = this.read(shape, value);
    if (this.#wrongTypes === before) for (const demand of demands) this.#demand(demand, shape, value);
    return read;
  }

  #demand(demand: Demand, shape: Shape, value: unknown): void {
    if ('strict' in demand) {
      const known = new Set(Object.keys(shape).map((key) => key.replace(/\?$/, '')));
      for (const name of Object.keys(value as object)) if (!known.has(name)) this.#wrong(`has an unknown field: ${name}`);
    } else if ('rule' in demand) {
      for (const { path, message } of this.#rules[demand.rule]?.(value as never) ?? []) this.#fault(message, path);
    } else {
      const reason = lacks(demand, value);
      if (reason !== undefined) this.#fault(reason);
    }
  }

  #at(step: string | number, shape: Shape, value: unknown): unknown {
    this.#path.push(step);
    const read = this.read(shape, value);
    this.#path.pop();
    return read;
  }

  #wrong(reason: string): undefined {
    this.#wrongTypes += 1;
    this.#fault(reason);
  }

  #fault(reason: string, below: readonly (string | number)[] = []): void {
    this.faults.push({ path: [...this.#path, ...below].join('.'), reason });
  }
}

const isTagged = (shape: Exclude<Shape, Leaf>): shape is Exclude<Shape, Leaf | Fields> => Array.isArray(shape);

/** What the value lacks; undefined where it has all that is demanded. */
function lacks(demand: Demand, value: unknown): string | undefined {
  if ('like' in demand) return demand.like.test(value as string) ? undefined : mustBe(demand.says);
  if ('as' in demand) return addressForms[demand.as](value as string) ? undefined : `must be of the form ${demand.as}`;
  if ('min' in demand) return sizeOf(value) >= demand.min ? undefined : tooLittle(value, demand.min);
  if ('max' in demand) return sizeOf(value) <= demand.max ? undefined : tooMuch(value, demand.max);
  return undefined;
}

/** Characters of a text, not UTF-16 units; items of a list. */
const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : (value as number);

function tooLittle(value: unknown, min: number): string {
  if (typeof value === 'string') return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
  return Array.isArray(value) ? `needs at least ${min}` : `must be at least ${min}`;
}

function tooMuch(value: unknown, max: number): string {
  if (typeof value === 'string') return `must have at most ${max} characters`;
  return Array.isArray(value) ? `may have at most ${max}` : `must be at most ${max}`;
}

/** The browser's own reading of an address is the one that counts for v6. */
const isIpv6 = (text: string): boolean => /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
const addressForms: Record<'ipv6' | 'cidrv6', (text: string) => boolean> = {
  ipv6: isIpv6,
  cidrv6: (text) => {
    const [address = '', prefix = '', ...rest] = text.split('/');
    return rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= 128 && isIpv6(address);
  },
};

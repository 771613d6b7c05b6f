/**
 * Makes the compact form of a schema (shape.ts), as source text, when the page is built. What it cannot say fails the build: a schema
 * is never checked less than it says. Reads zod's definitions, which zod keeps stable for such tools.
 */
import type { z } from 'zod';

type Schema = z.core.$ZodType;
/** Of zod's definitions those parts that are read here. */
export interface Definition {
  type: string;
  check?: string;
  format?: string;
  pattern?: RegExp;
  error?: (issue: never) => unknown;
  checks?: { _zod: { def: CheckDefinition; check: { rule?: string } } }[];
  values?: unknown[];
  entries?: Record<string, string>;
  shape?: Record<string, Schema>;
  catchall?: Schema;
  element?: Schema;
  items?: Schema[];
  options?: Schema[];
  discriminator?: string;
  keyType?: Schema;
  valueType?: Schema;
  partial?: boolean;
  innerType?: Schema;
  defaultValue?: unknown;
  in?: Schema;
  out?: Schema;
}
interface CheckDefinition {
  check: string;
  format?: string;
  pattern?: RegExp;
  minimum?: number;
  maximum?: number;
  value?: number;
  inclusive?: boolean;
  error?: (issue: never) => unknown;
}

export const defOf = (schema: Schema): Definition => schema._zod.def as unknown as Definition;
const text = (value: unknown): string => JSON.stringify(value);
/** Texts shorter than this are said again rather than named. */
const NAMED_FROM = 24;

export class Compiler {
  readonly #names = new Map<string, string>();

  /** What the named texts are; to stand before whatever {@link answer} and {@link form} gave. */
  head(): string {
    return [...this.#names].map(([source, name]) => `const ${name}=${source};`).join('\n');
  }

  /** Of what the server sends: types and names, not lengths and forms, which it keeps by itself. */
  answer(schema: Schema): string {
    return this.#shape(schema, false);
  }

  /** Of what somebody is about to send: all that the schema demands. */
  form(schema: Schema): string {
    return this.#shape(schema, true);
  }

  #shape(schema: Schema, whole: boolean): string {
    const def = defOf(schema);
    const base = this.#type(def, whole);
    const demands = whole ? demandsOf(def) : [];
    return this.#named(demands.length === 0 ? base : `["&",${base},${demands.join(',')}]`);
  }

  #named(source: string): string {
    if (source.length < NAMED_FROM) return source;
    const name = this.#names.get(source) ?? `s${this.#names.size}`;
    this.#names.set(source, name);
    return name;
  }

  #type(def: Definition, whole: boolean): string {
    const inner = (schema: Schema | undefined) => this.#shape(given(schema, def.type), whole);
    switch (def.type) {
      case 'string':
        return '"s"';
      case 'number':
        return numberOf(def);
      case 'boolean':
        return '"b"';
      case 'null':
        return '"0"';
      case 'unknown':
        return '"*"';
      case 'literal':
        return text(['=', ...(def.values ?? [])]);
      case 'enum':
        return text(['=', ...Object.values(def.entries ?? {})]);
      case 'object':
        return this.#fields(def.shape ?? {}, whole);
      case 'array':
        return `["[",${inner(def.element)}]`;
      case 'tuple':
        return `["(",${(def.items ?? []).map(inner)}]`;
      case 'record':
        return this.#record(def, whole);
      case 'union':
        return def.discriminator === undefined ? `["|",${(def.options ?? []).map(inner)}]` : this.#chosen(def, whole);
      case 'nullable':
        return `["|","0",${inner(def.innerType)}]`;
      case 'optional':
        return inner(def.innerType);
      case 'default':
      case 'prefault':
        // A form leaves out what the server fills in; an answer of a server of before has not all fields of today.
        return whole ? inner(def.innerType) : `["~",${inner(def.innerType)},${text(def.defaultValue)}]`;
      case 'pipe':
        return inner(transformed(def));
      default:
        throw new Error(`a schema of type ${def.type} cannot be compiled for the page`);
    }
  }

  #fields(shape: Record<string, Schema>, whole: boolean): string {
    const fields = Object.entries(shape).map(([name, schema]) => {
      const optional = whole ? schema._zod.optin !== undefined : schema._zod.optout === 'optional';
      return `${text(`${name}${optional ? '?' : ''}`)}:${this.#shape(schema, whole)}`;
    });
    return `{${fields}}`;
  }

  /** With an enum of names it is an object of these; all must be there unless it is a partial one. */
  #record(def: Definition, whole: boolean): string {
    const key = given(def.keyType, 'record');
    const value = this.#shape(given(def.valueType, 'record'), whole);
    const names = Object.values(defOf(key).entries ?? {});
    if (names.length === 0) {
      const plain = defOf(key).type === 'string' && !(whole && demandsOf(defOf(key)).length > 0);
      if (!plain) throw new Error('names of a record that are no enum and have a form cannot be compiled for the page');
      return `["{",${value}]`;
    }
    const optional = def.partial ? '?' : '';
    return `{${names.map((name) => `${text(name + optional)}:${value}`)}}`;
  }

  #chosen({ options = [], discriminator = '' }: Definition, whole: boolean): string {
    const cases = options.flatMap((option) => {
      const field = defOf(given(defOf(option).shape?.[discriminator], 'union'));
      const values = field.values ?? Object.values(field.entries ?? {});
      return values.map((value) => `${text(String(value))}:${this.#shape(option, whole)}`);
    });
    return `["?",${text(discriminator)},{${cases}}]`;
  }
}

function given<T>(value: T | undefined, type: string): T {
  if (value === undefined) throw new Error(`a ${type} without the part that it is made of`);
  return value;
}

/** What a transformation takes, which itself is the server's. A schema behind another would not be checked. */
function transformed({ in: taken, out }: Definition): Schema {
  if (defOf(given(out, 'pipe')).type !== 'transform') throw new Error('a schema behind another cannot be compiled for the page');
  return given(taken, 'pipe');
}

/** Of formats whole numbers alone are known to the page. */
function numberOf({ format, checks = [] }: Definition): string {
  const formats = [format, ...checks.map(({ _zod }) => _zod.def.format)].filter((each) => each !== undefined);
  const other = formats.find((each) => each !== 'safeint');
  if (other !== undefined) throw new Error(`a number of the form ${other} cannot be compiled for the page`);
  return formats.length > 0 ? '"i"' : '"n"';
}

const wordsOf = (error: CheckDefinition['error']): string | undefined => {
  const said = error?.({} as never);
  return typeof said === 'string' ? said : undefined;
};

function demandsOf(def: Definition): string[] {
  const own: string[] = [];
  if (def.type === 'string' && def.check === 'string_format') own.push(formOf(def));
  if (def.type === 'object' && def.catchall && defOf(def.catchall).type === 'never') own.push('{strict:true}');
  // A partial record of names takes no others.
  if (def.type === 'record' && Object.keys(defOf(given(def.keyType, 'record')).entries ?? {}).length > 0)
    own.push('{strict:true}');
  const says = def.type === 'union' ? wordsOf(def.error) : undefined;
  if (says !== undefined) own.push(`{says:${text(says)}}`);
  return [...own, ...(def.checks ?? []).flatMap(({ _zod: { def: check, check: run } }) => demandOf(check, run.rule))];
}

function demandOf(check: CheckDefinition, rule: string | undefined): string[] {
  switch (check.check) {
    case 'min_length':
      return [`{min:${check.minimum}}`];
    case 'max_length':
      return [`{max:${check.maximum}}`];
    case 'greater_than':
      return [`{min:${inclusive(check)}}`];
    case 'less_than':
      return [`{max:${inclusive(check)}}`];
    case 'string_format':
      return [formOf(check)];
    case 'number_format':
      return [];
    case 'custom':
      if (rule !== undefined) return [`{rule:${text(rule)}}`];
  }
  throw new Error(`a check ${check.check} cannot be compiled for the page`);
}

function inclusive({ value, inclusive: takes }: CheckDefinition): number {
  if (!takes || value === undefined) throw new Error('a bound that it may not reach cannot be compiled for the page');
  return value;
}

/** v6 addresses are read, not matched: zod does the same. */
function formOf({ format, pattern, error }: Pick<CheckDefinition, 'format' | 'pattern' | 'error'>): string {
  if (format === 'ipv6' || format === 'cidrv6') return `{as:${text(format)}}`;
  if (pattern === undefined) throw new Error(`a text of the form ${format} cannot be compiled for the page`);
  return `{like:${pattern},says:${text(wordsOf(error) ?? `of the form ${format}`)}}`;
}

/**
 * Cedar behind one small door. Cedar skips a policy that fails, so that a forbid with a missing attribute would forbid
 * nothing: here every failure, of a policy, of a request that does not fit the schema, of the engine itself, is a denial
 * that says so. Sets are parsed once and kept by the engine under a name that it never forgets; names are used again.
 */
import { setFlagsFromString } from 'node:v8';
import {
  type CedarValueJson,
  type EntityJson,
  type Policy,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, AccessResource } from '@plimsoll/contracts';
import { accessSchema } from './cedar-schema.js';

/** `reasons`: ids of the policies that decided. `fault`: why it could not be decided as it should; always a denial. */
export interface Verdict {
  allowed: boolean;
  reasons: string[];
  fault?: string;
}

/** Policies by id; an id that begins with `platform.` is ours. */
export type PolicyTexts = Readonly<Record<string, Policy>>;

// V8 of Node 20 inlines calls into WebAssembly, and once in a long while ends the whole process (`Fatal error: unreachable
// code` in its deoptimizer) when it takes one back. The engine is WebAssembly and called for every request: without.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--no-turbo-inline-js-wasm-calls');

const SCHEMA = 'plimsoll';
let schemaParsed = false;
const freeSlots: string[] = [];
let slots = 0;

function parseSchema(): void {
  if (schemaParsed) return;
  const answer = preparseSchema(SCHEMA, accessSchema);
  if (answer.type === 'failure') throw new Error(`the schema of the access policy: ${answer.errors[0]?.message}`);
  schemaParsed = true;
}

/** A parsed set of policies. Whoever made it gives its name back with `release` when it is done. */
export class PolicySet {
  private constructor(private readonly slot: string) {}

  /** @throws where the texts are no policies; what they say is not checked here but in validate.ts. */
  static of(policies: PolicyTexts): PolicySet {
    parseSchema();
    const slot = freeSlots.pop() ?? `set-${slots++}`;
    try {
      const answer = preparsePolicySet(slot, { staticPolicies: { ...policies } });
      if (answer.type === 'success') return new PolicySet(slot);
      throw new Error(answer.errors[0]?.message ?? 'not policies');
    } catch (error) {
      freeSlots.push(slot);
      throw error;
    }
  }

  release(): void {
    freeSlots.push(this.slot);
  }

  decide(request: AccessRequest): Verdict {
    try {
      const answer = statefulIsAuthorized({ ...call(request), preparsedPolicySetId: this.slot });
      if (answer.type === 'failure') return denied(answer.errors[0]?.message);
      const { decision, diagnostics } = answer.response;
      if (diagnostics.errors.length > 0) return denied(diagnostics.errors[0]?.error.message);
      return { allowed: decision === 'allow', reasons: diagnostics.reason };
    } catch (error) {
      return denied(error instanceof Error ? error.message : String(error));
    }
  }
}

const denied = (fault = 'unknown'): Verdict => ({ allowed: false, reasons: [], fault: fault.slice(0, 500) });

function call({ principal, action, resource, context }: AccessRequest) {
  const { id, ...attributes } = principal;
  const person: EntityJson = { uid: { type: 'Person', id }, attrs: attributes, parents: [] };
  const thing = entityOf(resource);
  const { address, time, ...rest } = context;
  return {
    principal: person.uid,
    action: { type: 'Action', id: action },
    resource: thing.uid,
    context: {
      ...(rest as Record<string, CedarValueJson>),
      address: extension('ip', address),
      time: extension('datetime', new Date(time).toISOString()),
    },
    entities: [person, thing],
    preparsedSchemaName: SCHEMA,
    validateRequest: true,
  };
}

const extension = (fn: string, arg: string) => ({ __extn: { fn, arg } });

/** All alerts of a service have one name: policies tell them apart by attributes alone. */
function entityOf({ type, ...attrs }: AccessResource): EntityJson {
  const service = 'service' in attrs ? attrs.service : undefined;
  const parents = service !== undefined && type !== 'Service' ? [{ type: 'Service', id: service }] : [];
  return { uid: { type, id: service ?? 'plimsoll' }, attrs, parents };
}

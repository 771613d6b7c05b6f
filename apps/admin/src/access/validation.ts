/**
 * What is wrong with a policy before anybody saves it: syntax, and everything that does not fit the schema, with the place in
 * the text and Cedar's hint. Cedar counts bytes of UTF-8; editors count UTF-16 units, and so does the answer.
 */
import {
  type DetailedError,
  formatPolicies,
  type PolicyJson,
  policyToJson,
  policyToText,
  schemaToText,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { MAX_POLICY_CHARACTERS, type PolicyCheck, type PolicyFault } from '@plimsoll/contracts';
import { accessSchema } from './cedar-schema.js';

/** Deeper nesting has been seen to exhaust the engine's stack. */
const MAX_DEPTH = 64;
const ID = 'policy';

/** Never throws. A text without faults can be saved. */
export function checkText(text: string): PolicyCheck {
  if (text.length > MAX_POLICY_CHARACTERS) return refused(`A policy has at most ${MAX_POLICY_CHARACTERS} characters.`);
  if (depthOf(text) > MAX_DEPTH) return refused(`Brackets are nested more than ${MAX_DEPTH} deep.`);
  try {
    return { faults: faultsOf(text), formatted: formattedOf(text), json: jsonOf(text) };
  } catch (error) {
    return refused(`Cedar could not read it: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500));
  }
}

/** Of a syntax tree: its text, and as {@link checkText}. */
export function checkJson(json: unknown): PolicyCheck {
  try {
    const answer = policyToText(json as PolicyJson);
    if (answer.type === 'success') return checkText(answer.text);
    return { faults: answer.errors.map((error) => faultOf(error, 'error', '')), formatted: null, json: null };
  } catch (error) {
    return refused(`That is no syntax tree of a policy: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500));
  }
}

export const isSound = ({ faults }: PolicyCheck): boolean => faults.every(({ severity }) => severity !== 'error');

/** The schema in Cedar's own language. */
export function schemaText(): string {
  const answer = schemaToText(accessSchema);
  if (answer.type === 'failure') throw new Error(`the schema of the access policy: ${answer.errors[0]?.message}`);
  return answer.text.replaceAll('__cedar::', '');
}

const refused = (message: string): PolicyCheck => ({
  faults: [{ severity: 'error', message, hint: null, start: null, end: null }],
  formatted: null,
  json: null,
});

function faultsOf(text: string): PolicyFault[] {
  const answer = validate({
    schema: accessSchema,
    policies: { staticPolicies: { [ID]: text } },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors.map((error) => faultOf(error, 'error', text));
  return [
    ...answer.validationErrors.map(({ error }) => faultOf(error, 'error', text)),
    ...answer.validationWarnings.map(({ error }) => faultOf(error, 'warning', text)),
  ];
}

function faultOf(
  { message, help, sourceLocations }: DetailedError,
  severity: PolicyFault['severity'],
  text: string,
): PolicyFault {
  const bytes = Buffer.from(text);
  const unitsTo = (offset: number) => bytes.subarray(0, offset).toString('utf8').length;
  const place = sourceLocations?.[0];
  return {
    severity,
    message: message.replace(`failed to parse policy with id \`${ID}\` from string: `, '').replace(`for policy \`${ID}\`, `, ''),
    hint: help,
    start: place ? unitsTo(place.start) : null,
    end: place ? unitsTo(place.end) : null,
  };
}

function formattedOf(text: string): string | null {
  const answer = formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 });
  return answer.type === 'success' ? answer.formatted_policy : null;
}

function jsonOf(text: string): unknown {
  const answer = policyToJson(text);
  return answer.type === 'success' ? answer.json : null;
}

/** Brackets of any kind, in strings too: an upper bound is enough. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** One sentence for people: what was seen, what was expected and from what evidence, and what would have raised nothing. */

/** 4, 4.2, 0.25, 1,240: as many digits as matter. */
export function amount(value: number): string {
  if (value >= 1000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  const digits = value >= 10 || Number.isInteger(value) ? 0 : value >= 1 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

export function period(seconds: number): string {
  const names: Record<number, string> = { 60: 'a minute', 3600: 'an hour', 86400: 'a day' };
  return names[seconds] ?? `in ${seconds} seconds`;
}

const plural = (count: number, one: string, many = `${one}s`) => `${amount(count)} ${amount(count) === '1' ? one : many}`;

/** Client text in a sentence: not longer than it is worth. */
export const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

export interface RateWords {
  observed: number;
  windowSeconds: number;
  endpoint: string;
  expected: number;
  ownBlocks: number;
  everyone: number;
  populationBlocks: number;
  /** Factor by which everybody else is above the usual. */
  level: number;
  limit: number;
  /** Above the slow reference: `expected` is its mean. */
  slow?: boolean;
}

export function explainRate(words: RateWords): string {
  const seen = `${plural(words.observed, 'request')} ${period(words.windowSeconds)} on ${short(words.endpoint)}`;
  const own = ownNorm(words);
  const others =
    words.populationBlocks >= 1
      ? `everyone's is ${amount(words.everyone)} (seen ${times(words.populationBlocks)})`
      : `nothing is known of others yet, ${amount(words.everyone)} is assumed`;
  const surge = words.level >= 1.2 ? `, everybody else is at ${amount(words.level)} times the usual` : '';
  return `${seen}; ${own}, ${others}${surge}; at ${amount(words.limit)} or fewer there would be no alert.`;
}

function ownNorm({ slow, expected, ownBlocks }: RateWords): string {
  if (slow) return `its slow reference is ${amount(expected)} (${plural(Math.max(1, Math.round(ownBlocks)), 'hour')})`;
  return ownBlocks >= 1 ? `its own norm is ${amount(expected)} (seen ${times(ownBlocks)})` : 'it is new here';
}

const times = (blocks: number) => (Math.round(blocks) <= 1 ? 'once' : `${amount(Math.round(blocks))} times`);

export interface WatchWords {
  kind: 'auth-failures' | 'credential-stuffing' | 'probing';
  type: 'actor' | 'address';
  id: string;
  observed: number;
  unit: string;
  windowSeconds: number;
  endpoint: string | null;
  /** What excuses some of it: sign-ins that succeeded, or requests made. */
  successes: number;
  /** Accounts of an address, addresses of an account. */
  parties: number;
  /** Of the observed paths, those that only attack tools ask for. */
  tools: number;
  limit: number;
}

export function explainWatch(words: WatchWords): string {
  const where = words.endpoint === null ? '' : ` on ${short(words.endpoint)}`;
  const clear = `at ${amount(words.limit)} or fewer there would be no alert.`;
  const when = period(words.windowSeconds);
  if (words.kind === 'probing') {
    const asked = plural(words.successes, 'request');
    const tools = words.tools === 0 ? '' : `, ${amount(words.tools)} of them such as only attack tools ask for`;
    return `${plural(words.observed, 'unknown path')} ${when} tried by ${short(words.id)}${tools}, of ${asked} in all; ${clear}`;
  }
  const signedIn = words.successes === 0 ? 'none succeeded' : `${amount(words.successes)} succeeded`;
  if (words.kind === 'credential-stuffing') {
    return `Failed sign-ins to ${plural(words.observed, 'account')} ${when} from ${short(words.id)}${where}, ${signedIn}; ${clear}`;
  }
  const what = words.unit === 'failed sign-ins' ? 'failed sign-in' : 'separate failed attempt';
  const failures = `${plural(words.observed, what)} ${when}${where}`;
  if (words.type === 'actor') {
    return `${failures} as ${short(words.id)} from ${plural(words.parties, 'address', 'addresses')}, ${signedIn}; ${clear}`;
  }
  const accounts = words.parties > 0 ? ` as ${plural(words.parties, 'account')}` : '';
  return `${failures} from ${short(words.id)}${accounts}, ${signedIn}; ${clear}`;
}

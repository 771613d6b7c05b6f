/**
 * Looks the host's name up, once at a time: whoever asks meanwhile gets the same answer. A resolver that does not answer
 * holds a thread of Node's small pool (four by default) for as long as it takes, and the pool is the host's: its files and
 * its compression wait there too.
 */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answered = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
type LookupAll = (hostname: string, options: LookupAllOptions, answered: Answered) => void;

/** For an agent that always asks for the same name. `ask` is Node's own lookup unless a test brings another. */
export function oneLookup(ask: LookupAll = lookup): LookupFunction {
  let waiting: Answered[] | undefined;
  return (hostname, options, callback) => {
    const answered: Answered = (error, addresses) => {
      const [first] = addresses;
      if (error || first === undefined) callback(error ?? new Error('the name has no address'), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    };
    if (waiting) {
      waiting.push(answered);
      return;
    }
    waiting = [answered];
    ask(hostname, { ...options, all: true }, (error, addresses) => {
      const all = waiting ?? [];
      waiting = undefined;
      for (const one of all) one(error, addresses ?? []);
    });
  };
}

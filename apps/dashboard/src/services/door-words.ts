/** The counts of the door in words; what did not happen is not listed. */
import type { Door, DoorCount } from '@plimsoll/contracts';
import { count, share } from '../format.js';

interface Line {
  name: string;
  value: number;
  meaning: string;
  /** Worth a look: somebody may be trying something. */
  alarming: boolean;
}

const lines: readonly [DoorCount, string, string, boolean][] = [
  ['refusedUnsigned', 'Batches refused: not signed', 'A key that takes signed batches alone was used by who cannot sign.', true],
  [
    'refusedSignature',
    'Batches refused: bad signature',
    'Changed on the way, signed by another, or by a clock that is five minutes off.',
    true,
  ],
  ['refusedReplayed', 'Batches refused: sent before', 'Somebody sent again what an instance had sent.', true],
  ['late', 'Late logs', 'More than 15 minutes old when they came, as after an outage. They never lead to a decision.', false],
  ['ahead', 'Logs of the future', 'More than a minute ahead: a host’s clock is wrong. They count as of their arrival.', false],
];

export const doorLines = (door: Door): Line[] =>
  lines.flatMap(([name, text, meaning, alarming]) =>
    door[name] > 0 ? [{ name: text, value: door[name], meaning, alarming }] : [],
  );

export function signedText({ signed, unsigned }: Door): string {
  const all = signed + unsigned;
  if (all === 0) return 'Nothing has come.';
  if (signed === 0) return `${count(all)} batches, none of them signed.`;
  return unsigned === 0 ? `${count(all)} batches, all signed.` : `${count(all)} batches, ${share(signed, all)} signed.`;
}

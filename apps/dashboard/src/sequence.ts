/**
 * Notices what was missed on the live channel. The server counts the alert and decision events of each connection; `hello` names
 * the count (epoch) and where it stands. A number that is skipped, or another count, means that the page must ask again.
 */
export interface Sequence {
  epoch: string;
  seq: number;
}

/** After `hello`: stale unless it is the same process and nothing happened while the page was away. */
export function greet(known: Sequence | undefined, hello: Sequence): { next: Sequence; stale: boolean } {
  return { next: { ...hello }, stale: known?.epoch !== hello.epoch || known.seq !== hello.seq };
}

/** After an event. Events that come before `hello`, twice or out of order are stale as well: asking again is always right. */
export function follow(known: Sequence | undefined, seq: number): { next: Sequence | undefined; stale: boolean } {
  if (!known) return { next: undefined, stale: true };
  return { next: { epoch: known.epoch, seq: Math.max(seq, known.seq) }, stale: seq !== known.seq + 1 };
}

/**
 * What somebody does in an account from a device and network that are both new to it: the endpoints that the account hardly
 * used, and the turns it takes with the owner on one credential. Plain data; it ends after the time of probation.
 */
import { MAX_NAMED, OVERTAKING_SECONDS, TURN_SECONDS } from './constants.js';

export interface Stay {
  place: number;
  device: number;
  address: string;
  since: number;
  last: number;
  requests: number;
  /** Endpoints that are new to the account. */
  marks: number[];
  /** Some of them by name. */
  names: string[];
  /** Sum of what they say. */
  evidence: number;
  /** How many of them were there when the line was crossed; -1 while it is not. */
  crossedAt: number;
  /** The credential that owner and stranger share, where they do. */
  credential: string;
  owner: string;
  turns: number;
  /** Whose turn it is, since when (absent in what was stored before it was kept), and when they were seen last. */
  strangers: boolean;
  turnBegan?: number;
  turnedAt: number;
}

export function newStay(place: number, device: number, address: string, second: number): Stay {
  return {
    place,
    device,
    address,
    since: second,
    last: second,
    requests: 0,
    marks: [],
    names: [],
    evidence: 0,
    crossedAt: -1,
    credential: '',
    owner: '',
    turns: 0,
    strangers: true,
    turnBegan: second,
    turnedAt: second,
  };
}

/** Turns when this request is counted. */
export function turnsWith(stay: Stay, strangers: boolean, second: number): number {
  if (stay.credential === '' || strangers === stay.strangers || overtaken(stay, second)) return stay.turns;
  return second - stay.turnedAt <= TURN_SECONDS ? stay.turns + 1 : 1;
}

export function takeTurn(stay: Stay, strangers: boolean, second: number): void {
  if (strangers !== stay.strangers) {
    if (overtaken(stay, second)) return;
    stay.turns = turnsWith(stay, strangers, second);
    stay.turnBegan = second;
    stay.strangers = strangers;
  }
  stay.turnedAt = Math.max(stay.turnedAt, second);
}

/** It may have been before what the turn would answer: the first of the other's, since both may ask without a pause. */
const overtaken = ({ turnBegan, turnedAt }: Stay, second: number) => second - (turnBegan ?? turnedAt) <= OVERTAKING_SECONDS;

export function addMark(stay: Stay, print: number, name: string, evidence: number): void {
  stay.marks.push(print);
  stay.evidence += evidence;
  if (stay.names.length < MAX_NAMED) stay.names.push(name);
}

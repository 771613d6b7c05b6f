/** What every detector of the contest says, and how it is driven: the product and its rivals look alike from here. */
import type { AlertKind, RequestLog, Subject } from '@plimsoll/contracts';

export interface Alarm {
  /** Event time, milliseconds. */
  ts: number;
  /** Undefined where a detector does not tell kinds apart. */
  kind: AlertKind | undefined;
  subject: Subject;
  /** Other parties, where the alarm is about many. */
  parties: readonly string[];
  /** A new alert; else more of one that was told. */
  opened: boolean;
  /** A throttle or block of the subject would follow, were the policy to act. */
  decides: boolean;
}

export interface Detector {
  readonly name: string;
  /** The next log in order of time, and its endpoint `METHOD /route`. */
  take(log: RequestLog, endpoint: string): void;
  finish(): void;
}

export type OnAlarm = (alarm: Alarm) => void;
export type MakeDetector = (onAlarm: OnAlarm) => Detector;

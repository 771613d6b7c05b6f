/** What the model says about one request log before it learns it. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from './finding.js';

export interface Assessment {
  service: string;
  log: RequestLog;
  /** `METHOD /route/:param`. */
  endpoint: string;
  /** Opened or updated by this very log; empty for most. */
  findings: Finding[];
  /** Out of the normal: counted, but not learnt as normal (also while a finding is not due for an update). */
  flagged: boolean;
}

/** How a request's status and the bouncer's answer look, wherever requests are listed. */
import type { VerdictName } from '@plimsoll/contracts';

export const statusLook = (status: number): string =>
  status >= 500 ? 'text-fault' : status >= 400 ? 'text-high' : status >= 300 ? 'text-muted' : 'text-good';

export const verdictLook: Record<VerdictName, string> = {
  allow: '',
  throttle: 'bg-medium/14 text-medium',
  challenge: 'bg-accent/12 text-accent',
  block: 'bg-critical/10 text-critical',
};

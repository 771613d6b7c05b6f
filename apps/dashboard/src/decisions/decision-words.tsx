/** A decision in words: what holds, whose order it is, what became of it. */
import type { Decision, RateLimit } from '@plimsoll/contracts';
import { serverNow } from '../clock.js';
import { measure, moment, perWindow } from '../format.js';
import { isStanding } from '../live-cache.js';
import { useZone } from '../reader.js';
import { Badge } from '../ui/badge.js';
import { Countdown, useNow } from '../ui/time.js';

export const rateText = (rate: RateLimit): string => `${measure(rate.requests)} ${perWindow('requests', rate.windowSeconds)}`;

export const originText = ({ origin }: Decision): string => (origin.type === 'person' ? origin.name : `policy ${origin.name}`);

/** How it was ended before its time. */
export function endText({ mode, liftedBy, provedAt }: Decision): string {
  if (provedAt !== null) return 'user proved itself';
  if (liftedBy === null) return 'replaced';
  return `${mode === 'pending' ? 'dismissed' : 'lifted'} by ${liftedBy}`;
}

/** Time left, or how it ended. */
export function DecisionState({ decision }: { decision: Decision }) {
  useZone();
  const now = useNow();
  if (decision.liftedAt !== null) {
    return (
      <Badge>
        <span title={moment(decision.liftedAt)}>{endText(decision)}</span>
      </Badge>
    );
  }
  if (!isStanding(decision, Math.max(now, serverNow()))) return <Badge>ended</Badge>;
  return <Countdown until={decision.until} className="whitespace-nowrap font-medium" />;
}

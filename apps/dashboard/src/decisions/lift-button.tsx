/** Undoes a policy's decision with one click; what a person ordered is asked about, since a colleague will want to know why. */
import type { Decision } from '@plimsoll/contracts';
import { useLift } from '../actions.js';
import { useMayIn } from '../allowed.js';
import { Button } from '../ui/button.js';

interface LiftButtonProps {
  decision: Decision;
  /** Opens the dialog. */
  ask: (decision: Decision) => void;
}

export function LiftButton({ decision, ask }: LiftButtonProps) {
  const lift = useLift();
  const may = useMayIn(decision.service, 'decision.lift');
  const undo = () => (decision.origin.type === 'policy' ? lift.mutate({ decision, reason: '' }) : ask(decision));
  if (!may) return null;
  return (
    <Button size="sm" busy={lift.isPending} onClick={undo}>
      Lift
    </Button>
  );
}

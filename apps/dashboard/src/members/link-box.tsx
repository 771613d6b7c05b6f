/** A link that was just made: shown this once. */
import type { MemberLink } from '@plimsoll/contracts';
import { CodeBlock } from '../ui/copy.js';
import { Countdown } from '../ui/time.js';

export const validities = [
  { minutes: 15, name: '15 minutes' },
  { minutes: 60, name: 'An hour' },
  { minutes: 1_440, name: 'A day' },
  { minutes: 10_080, name: 'A week' },
] as const;

export const LinkBox = ({ made }: { made: MemberLink }) => (
  <div className="space-y-3 px-5 pt-4 pb-5">
    <CodeBlock label="link" code={made.link} />
    <p className="text-muted text-sm">
      Give it to {made.member.name} by a way that nobody else reads. It works once, for <Countdown until={made.until} />, and is
      not shown again.
    </p>
  </div>
);

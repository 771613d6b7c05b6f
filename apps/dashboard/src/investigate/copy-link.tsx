/** A link to exactly what is shown: with its service and its time, which the address leaves out where nobody chose them. */
import { useRouter } from '@tanstack/react-router';
import { Check, Link2 } from 'lucide-react';
import type { HistoryFilters } from '../queries.js';
import { Button } from '../ui/button.js';
import { useCopy } from '../ui/copy.js';

export function CopyLink({ filter }: { filter: HistoryFilters }) {
  const router = useRouter();
  const { href } = router.buildLocation({ to: '/investigate', search: filter });
  const { copied, copy } = useCopy(new URL(href, location.origin).href, 'Choose a time, and copy the address of the page.');
  const Icon = copied ? Check : Link2;
  return (
    <Button onClick={copy}>
      <Icon aria-hidden className={copied ? 'size-3.5 text-good' : 'size-3.5'} /> {copied ? 'Copied' : 'Copy link'}
    </Button>
  );
}

/** On every page, while the own risk takes something from the person: else buttons would be gone and nobody knew why. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldAlert } from 'lucide-react';
import { meQuery } from '../access-queries.js';

export function RiskBar() {
  const takes = useQuery(meQuery).data?.risk.takes ?? 'nothing';
  if (takes === 'nothing') return null;
  return (
    <div role="status" className="flex items-center gap-2.5 border-b bg-critical/8 px-4 py-1.5 text-sm sm:px-6">
      <ShieldAlert aria-hidden className="size-4 shrink-0 text-critical" />
      <p className="min-w-0 flex-1">
        Something in your own calls looks unusual:{' '}
        {takes === 'changes' ? 'you can change nothing for now' : 'changes ask for your passkey'}.{' '}
        <Link to="/account" className="font-medium underline">
          What was found
        </Link>
      </p>
    </div>
  );
}

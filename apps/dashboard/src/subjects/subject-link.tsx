/** A link to the page of whoever or whatever is named. */
import type { SubjectType } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';

interface SubjectLinkProps {
  service: string;
  type: SubjectType;
  id: string;
}

const look = 'rounded-sm hover:text-accent hover:underline';

export function SubjectLink({ service, type, id }: SubjectLinkProps) {
  if (type === 'service')
    return (
      <Link to="/services/$id" params={{ id }} className={look}>
        {id}
      </Link>
    );
  if (type === 'endpoint')
    return (
      <Link to="/endpoint" search={{ service, name: id }} className={`${look} font-mono text-xs`}>
        {id}
      </Link>
    );
  return (
    <Link to="/subject" search={{ service, type, id }} className={look}>
      {id}
    </Link>
  );
}

/** What follows once a service has its name: each step is ticked by what has come of it, and the last one leads on. */
import type { Service } from '@plimsoll/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { alertsQuery, instancesQuery } from '../queries.js';
import { FirstRequest, useHasRequests } from '../services/first-request.js';
import { Snippet } from '../services/snippet.js';
import { CodeBlock } from '../ui/copy.js';
import { FirstAlert } from './first-alert.js';
import { AnotherKey } from './name-service.js';
import { Step } from './step.js';

const LOOP = `for n in $(seq 300); do curl -s -o /dev/null http://localhost:3000/; done`;

interface LaterStepsProps {
  service: Service;
  /** Of the key that was just made. */
  secret: string | undefined;
  onMade: (secret: string) => void;
}

export function LaterSteps({ service, secret, onMade }: LaterStepsProps) {
  const { id } = service;
  const spoke = useHasRequests(id);
  const connected = (useQuery(instancesQuery(id)).data?.items.length ?? 0) > 0;
  const attacked = (useInfiniteQuery(alertsQuery({ service: id }, 1)).data?.pages[0]?.items.length ?? 0) > 0;
  return (
    <>
      <Step number={2} done={spoke || connected}>
        {secret === undefined && <AnotherKey service={id} onMade={onMade} />}
        <Snippet secret={secret} />
      </Step>
      <Step number={3} done={spoke}>
        <FirstRequest service={id} />
      </Step>
      <Step number={4} done={attacked}>
        {spoke && (
          <div className="space-y-3 text-sm">
            <p>
              Send a few hundred requests in the name of one user, with your own address and sign-in. The alert opens here by
              itself; on its page you block the user.
            </p>
            <CodeBlock label="loop" code={LOOP} />
            <FirstAlert service={id} />
          </div>
        )}
      </Step>
      {attacked && <Next service={service} />}
    </>
  );
}

/** All is done: what a team does next, in the order in which it does. */
function Next({ service: { id, dryRun } }: { service: Service }) {
  return (
    <li className="rounded-lg border bg-surface p-4 text-sm shadow-card">
      <h2 className="font-semibold text-base">It works. What next?</h2>
      <ul className="mt-2 list-disc space-y-1 pl-5 text-muted">
        {dryRun && (
          <Way
            link={
              <Link to="/services/$id" params={{ id }} className={linkLook}>
                Look at the dry run, then enforce
              </Link>
            }
          >
            when it would hold back the right ones.
          </Way>
        )}
        <Way
          link={
            <Link to="/members" className={linkLook}>
              Invite your team
            </Link>
          }
        >
          so that an alert has somebody to look at it.
        </Way>
        <Way
          link={
            <Link to="/services/$id/settings" params={{ id }} className={linkLook}>
              Settings
            </Link>
          }
        >
          are for what Plimsoll cannot know: who may do more, which endpoints are delicate.
        </Way>
      </ul>
    </li>
  );
}

const linkLook = 'font-medium text-accent hover:underline';
const Way = ({ link, children }: { link: ReactNode; children: ReactNode }) => (
  <li>
    {link} {children}
  </li>
);

/** Attacks the demo, to see the product work; on pages of other services there is nothing. */
import { type AttackCourse, DEMO_SERVICE, type DemoAttack } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Swords } from 'lucide-react';
import { useState } from 'react';
import { useMayIn } from '../allowed.js';
import { callOperation } from '../api.js';
import { count, milliseconds } from '../format.js';
import { Button } from '../ui/button.js';
import { errorText } from '../ui/dialog.js';
import { Field, Select } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { NotRead } from '../ui/states.js';
import { attackQuery } from './setup-queries.js';

const attackNames: Record<DemoAttack, string> = {
  'credential-stuffing': 'credential stuffing',
  flood: 'flood',
  'brute-force': 'brute force',
  probing: 'probing',
};
const attackMeanings: Record<DemoAttack, string> = {
  'credential-stuffing': 'Somebody tries a stolen list of accounts, one password each.',
  flood: 'One user asks for the catalogue fifty times a second.',
  'brute-force': 'Somebody guesses the password of one user.',
  probing: 'Somebody looks for files that are not there.',
};
const choices = Object.keys(attackNames) as DemoAttack[];
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function AttackPanel({ service }: { service: string }) {
  const client = useQueryClient();
  const { data, error } = useQuery(attackQuery(service));
  const may = useMayIn(service, 'demo.attack');
  const [attack, setAttack] = useState<DemoAttack>('credential-stuffing');
  const run = useMutation({
    mutationFn: () => callOperation('attackDemo', { params: { id: service }, body: { attack } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['attack', service] }),
  });
  if (!data) return error && service === DEMO_SERVICE && <NotRead error={error} />;
  if (data.attacks.length === 0) return null;
  const goesOn = data.course?.endedAt === null;
  return (
    <Panel title="Attack the demo">
      <div className="space-y-3 p-4">
        <Field label="Attack" hint={attackMeanings[attack]} className="max-w-96">
          {(ids) => (
            <Select
              {...ids}
              value={attack}
              disabled={goesOn}
              onChange={(event) => setAttack(choices.find((each) => each === event.target.value) ?? attack)}
            >
              {choices.map((each) => (
                <option key={each} value={each}>
                  {capital(attackNames[each])}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {may && (
          <Button look="primary" busy={run.isPending || goesOn} onClick={() => run.mutate()}>
            <Swords aria-hidden className="size-4" /> Run {attackNames[attack]}
          </Button>
        )}
        {run.error && (
          <p role="alert" className="text-critical text-sm">
            {errorText(run.error)}
          </p>
        )}
        {data.course ? (
          <Course course={data.course} service={service} />
        ) : (
          <p className="text-faint text-xs">It lasts half a minute and goes to the demo shop on this machine alone.</p>
        )}
      </div>
    </Panel>
  );
}

function Course({
  course: { attack, sent, statuses, firstRefusal, endedAt, seconds },
  service,
}: {
  course: AttackCourse;
  service: string;
}) {
  const refused = (statuses['429'] ?? 0) + (statuses['403'] ?? 0);
  return (
    <div role="status" className="rounded-md bg-sunken px-3 py-2 text-sm">
      <p>
        <span className="font-medium">{capital(attackNames[attack])}</span>{' '}
        {endedAt === null ? `goes on, for ${seconds} s at most.` : 'has ended.'}
      </p>
      <p className="text-muted text-xs">
        {count(sent)} requests sent, {count(refused)} refused
        {firstRefusal && `; the first ${firstRefusal.status} after ${milliseconds(firstRefusal.afterMs)}`}.
      </p>
      <Link to="/alerts" search={{ service }} className="mt-1 inline-block font-medium text-accent text-xs hover:underline">
        See what it raised
      </Link>
    </div>
  );
}

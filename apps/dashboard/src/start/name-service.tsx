/** The first step: a name for the API, from which its service and its first key are made with one click. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useEnrol } from '../account/enrol.js';
import { callOperation } from '../api.js';
import { accountQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { errorText } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';

interface NameServiceProps {
  creates: boolean;
  /** `secret`: of its first key; undefined where none could be made, which the next step offers again. */
  onMade: (service: string, secret: string | undefined) => void;
}

export function NameService({ creates, onMade }: NameServiceProps) {
  const client = useQueryClient();
  const needsPasskey = useQuery(accountQuery).data?.passkeys.length === 0;
  const [id, setId] = useState('');
  const make = useMutation({
    mutationFn: async () => {
      const { id: made } = await callOperation('createService', { body: { id } });
      const secret = await firstKey(made).catch(() => undefined);
      await client.invalidateQueries({ queryKey: ['services'] });
      return { made, secret };
    },
    onSuccess: ({ made, secret }) => onMade(made, secret),
  });
  if (!creates)
    return (
      <p className="text-muted text-sm">
        Only an owner may add an API. Ask one, or look at{' '}
        <Link to="/services" className="font-medium text-accent hover:underline">
          the services that are there
        </Link>
        .
      </p>
    );
  if (needsPasskey) return <PasskeyFirst />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3">
      <Field label="Name of the API" hint="Lower-case letters, digits and dashes; the same as service.name in OpenTelemetry.">
        {(ids) => (
          <Input
            {...ids}
            required
            maxLength={63}
            autoComplete="off"
            placeholder="shop-api"
            value={id}
            onChange={(event) => setId(event.target.value)}
          />
        )}
      </Field>
      {make.error && (
        <p role="alert" className="text-critical text-sm">
          {errorText(make.error)}
        </p>
      )}
      <Button type="submit" look="primary" busy={make.isPending}>
        Create the service and its key
      </Button>
    </form>
  );
}

const firstKey = async (service: string): Promise<string> =>
  (await callOperation('createKey', { params: { id: service }, body: { name: 'first' } })).secret;

function PasskeyFirst() {
  const enrol = useEnrol();
  return (
    <div className="space-y-3 text-sm">
      <p>A key opens the door for logs, so making one asks who you are. Make a passkey on this device first.</p>
      <Button look="primary" busy={enrol.isPending} onClick={() => enrol.mutate()}>
        Make a passkey
      </Button>
    </div>
  );
}

/** Where the secret is gone, since it is shown once: another key, for the same service. */
export function AnotherKey({ service, onMade }: { service: string; onMade: (secret: string) => void }) {
  const make = useMutation({ mutationFn: () => firstKey(service), onSuccess: onMade });
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-sunken px-3 py-2 text-sm">
      <p className="min-w-0 flex-1 basis-60">
        A key is shown once, when it is made. Put in the one that you have, or make another.
      </p>
      <Button size="sm" busy={make.isPending} onClick={() => make.mutate()}>
        Make a key
      </Button>
      {make.error && (
        <p role="alert" className="w-full text-critical">
          {errorText(make.error)}
        </p>
      )}
    </div>
  );
}

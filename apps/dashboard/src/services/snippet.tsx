/** What puts an API under protection: the package, the environment, the lines for its framework. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { installationQuery } from '../queries.js';
import { CodeBlock } from '../ui/copy.js';
import { Field, Select } from '../ui/field.js';
import { frameworks } from './frameworks.js';

/** @param secret the text of a key that has just been made; without it a place is left for one. */
export function Snippet({ secret = 'plim_…' }: { secret?: string | undefined }) {
  const ingestUrl = useQuery(installationQuery).data?.ingestUrl ?? '…';
  const [chosen, setChosen] = useState(frameworks[0]?.id);
  const framework = frameworks.find(({ id }) => id === chosen);
  return (
    <div className="space-y-3">
      <Field label="Framework" className="max-w-60">
        {(ids) => (
          <Select {...ids} value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {frameworks.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <CodeBlock label="install command" code="npm install ../plimsoll/libs/sdk" />
      <p className="text-faint text-xs">The path leads to the checkout of Plimsoll: the SDK is in no registry yet.</p>
      <CodeBlock label="environment" code={`PLIMSOLL_URL=${ingestUrl}\nPLIMSOLL_KEY=${secret}`} />
      {framework && <CodeBlock label={`code for ${framework.name}`} code={framework.code} />}
      <p className="text-faint text-xs">
        {secret === 'plim_…' && 'The key is shown once, when you make it. '}Nothing of a request's body, headers or query values
        is sent.{framework && ` More in docs/sdk/${framework.page}.md of the checkout.`}
      </p>
    </div>
  );
}

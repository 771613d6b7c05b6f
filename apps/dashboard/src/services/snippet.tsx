/** The lines that put an Express app under protection. */
import { useQuery } from '@tanstack/react-query';
import { installationQuery } from '../queries.js';
import { CodeBlock } from '../ui/copy.js';
import { Panel } from '../ui/panel.js';

const express = `import { plimsollExpress } from '@plimsoll/sdk/express';

// First of all middleware, so that it sees every request.
app.use(
  plimsollExpress({
    url: process.env.PLIMSOLL_URL,
    key: process.env.PLIMSOLL_KEY,
    identify: (req) => req.user?.id, // whom your app signed in
  }),
);`;

export function Snippet() {
  const ingestUrl = useQuery(installationQuery).data?.ingestUrl ?? '…';
  const environment = `PLIMSOLL_URL=${ingestUrl}\nPLIMSOLL_KEY=plim_…`;
  return (
    <Panel title="Protect an Express app">
      <div className="space-y-3 p-4">
        <CodeBlock label="install command" code="npm install @plimsoll/sdk" />
        <CodeBlock label="environment" code={environment} />
        <CodeBlock label="code for Express" code={express} />
        <p className="text-faint text-xs">
          The key is shown once, when you make it. Nothing of a request's body, headers or query values is sent.
        </p>
      </div>
    </Panel>
  );
}

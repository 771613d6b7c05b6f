/** The lines that put an Express app under protection. */
import { useQuery } from '@tanstack/react-query';
import { installationQuery } from '../queries.js';
import { CodeBlock } from '../ui/copy.js';
import { Panel } from '../ui/panel.js';

const express = `import { plimsollExpress } from '@plimsoll/sdk/express';

const protect = plimsollExpress({
  url: process.env.PLIMSOLL_URL,
  key: process.env.PLIMSOLL_KEY,
  identify: (req) => req.user?.id, // whom your app signed in
});
app.use(protect); // first of all middleware, so that it sees every request
app.use(authenticate); // yours, which sets req.user
app.use(protect); // once more: now a user can be refused by name`;

export function Snippet() {
  const ingestUrl = useQuery(installationQuery).data?.ingestUrl ?? '…';
  const environment = `PLIMSOLL_URL=${ingestUrl}\nPLIMSOLL_KEY=plim_…`;
  return (
    <Panel title="Protect an Express app">
      <div className="space-y-3 p-4">
        <CodeBlock label="install command" code="npm install ../plimsoll/libs/sdk" />
        <p className="text-faint text-xs">The path leads to the checkout of Plimsoll: the SDK is in no registry yet.</p>
        <CodeBlock label="environment" code={environment} />
        <CodeBlock label="code for Express" code={express} />
        <p className="text-faint text-xs">
          The key is shown once, when you make it. Nothing of a request's body, headers or query values is sent.
        </p>
      </div>
    </Panel>
  );
}

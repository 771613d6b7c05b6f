/** The lines that put an Express app under protection. */
import { CodeBlock } from '../ui/copy.js';
import { Panel } from '../ui/panel.js';

/** By convention ingestion listens one port above the admin server when both run on one machine. */
function ingestUrl(): string {
  const { protocol, hostname, port } = window.location;
  return `${protocol}//${hostname}:${port ? Number(port) + 1 : 7071}`;
}

const express = `import { plimsollExpress } from '@plimsoll/sdk/express';

// First of all middleware, so that it sees every request.
app.use(
  plimsollExpress({
    url: process.env.PLIMSOLL_URL,
    key: process.env.PLIMSOLL_KEY,
    identify: (req) => req.user?.id, // whom your app signed in
  }),
);`;

export function Snippet({ secret }: { secret?: string | undefined }) {
  const environment = `PLIMSOLL_URL=${ingestUrl()}\nPLIMSOLL_KEY=${secret ?? 'plim_…'}`;
  return (
    <Panel title="Protect an Express app">
      <div className="space-y-3 p-4">
        <CodeBlock label="install command" code="npm install @plimsoll/sdk" />
        <CodeBlock label="environment" code={environment} />
        <CodeBlock label="code for Express" code={express} />
        <p className="text-faint text-xs">
          PLIMSOLL_URL is the address of ingestion: one port above this page where both run on one machine. Nothing of a request's
          body, headers or query is sent.
        </p>
      </div>
    </Panel>
  );
}

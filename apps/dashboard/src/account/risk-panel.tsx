/** What Plimsoll finds in the person's own calls of the console, and what that takes from it. Nobody is judged unseen. */
import type { OwnRisk } from '@plimsoll/contracts';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';
import { riskReasons, riskTakes } from './risk-words.js';

export const RiskPanel = ({ risk }: { risk: OwnRisk }) => (
  <Panel title="What the console finds in your own calls">
    {risk.level === 0 ? (
      <p className="px-4 py-3 text-sm">
        Nothing. <span className="text-muted">Plimsoll watches its own console as it watches your services.</span>
      </p>
    ) : (
      <Found risk={risk} />
    )}
  </Panel>
);

function Found({ risk }: { risk: OwnRisk }) {
  const { level, since, quietSince, takes } = risk;
  return (
    <div className="space-y-2 px-4 py-3 text-sm">
      <p role="status" className="font-medium">
        A risk of {level} of 100
        {since !== null && (
          <>
            , begun <Ago ts={since} />
          </>
        )}
        .
      </p>
      <ul aria-label="Why" className="list-disc space-y-0.5 pl-5">
        {riskReasons(risk).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>{riskTakes[takes]}</p>
      <p className="text-muted">
        {quietSince !== null && (
          <>
            It falls by half each half hour once that has stopped; it was seen last <Ago ts={quietSince} />.{' '}
          </>
        )}
        If this was you and harmless, an owner can resolve the alert about it in the service plimsoll-admin. If it was not you,
        sign out everywhere.
      </p>
    </div>
  );
}

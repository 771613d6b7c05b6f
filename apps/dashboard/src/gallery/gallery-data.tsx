/** The gallery's tables, failures and what the pages of subjects and detection draw by themselves. */
import type { KindReport, Problem } from '@plimsoll/contracts';
import { PrecisionBar } from '../detection/kinds-table.js';
import { ApiError } from '../http.js';
import { useZone } from '../reader.js';
import { HeatMap } from '../subjects/heat-map.js';
import { Sequence } from '../subjects/sequence.js';
import { weekOf } from '../subjects/week.js';
import { Failure } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Group } from './group.js';

const HOUR_MS = 3_600_000;
const problem: Problem = {
  type: 'about:blank',
  title: 'Some fields are not as they must be',
  status: 400,
  code: 'invalid-body',
  detail: 'The server says what is wrong.',
  requestId: '2f1c0d4e',
  errors: [{ field: 'body.reason', reason: 'must not be empty' }],
};

interface Line {
  name: string;
  requests: number;
}
const helper = columnsFor<Line>();
const columns = helper.columns([
  helper.accessor('name', { header: 'Name' }),
  helper.accessor('requests', { header: 'Requests', meta: { end: true } }),
]);
const lines: readonly Line[] = [
  { name: 'GET /orders/:id', requests: 1_204 },
  { name: 'POST /a/path/that/is/longer/than/any/phone/is/wide/:id', requests: 7 },
];

/** A fortnight with a working day in it. */
const hours = Array.from({ length: 14 * 24 }, (_, index) => {
  const hour = index % 24;
  const works = hour >= 8 && hour < 18 && Math.floor(index / 24) % 7 < 5;
  return { ts: Date.UTC(2026, 10, 9) + index * HOUR_MS, requests: works ? 40 + 8 * hour : index % 5 };
});

const steps = [
  { from: 'GET /products', to: 'GET /products/:id', times: 90 },
  { from: 'GET /products/:id', to: 'POST /cart', times: 31 },
  { from: 'POST /cart', to: 'POST /checkout', times: 12 },
  { from: 'POST /cart', to: 'GET /products', times: 9 },
];

const kind: KindReport = {
  kind: 'rate',
  mode: 'on',
  ...{ demotedAt: null, opened: 20, confirmed: 9, falseAlarms: 5, expected: 1, precision: 9 / 14, low: 0.39, high: 0.84 },
};

export function GalleryData() {
  useZone();
  return (
    <>
      <Group title="Failures">
        <Failure error={new ApiError({ type: 'problem', problem })} retry={() => {}} className="py-2" />
        <Failure error={new ApiError({ type: 'unreachable' })} className="py-2" />
        <Failure error={new Error('Something that nobody foresaw.')} className="py-2" />
      </Group>
      <Group title="Table">
        <DataTable label="Lines" columns={columns} rows={lines} rowId={({ name }) => name} />
      </Group>
      <Group title="Hours of the week">
        <HeatMap cells={weekOf(hours)} />
      </Group>
      <Group title="Sequence">
        <Sequence steps={steps} />
      </Group>
      <Group title="Precision">
        <PrecisionBar report={kind} floor={0.3} />
        <PrecisionBar report={{ ...kind, confirmed: 0, falseAlarms: 9, precision: 0, low: 0, high: 0.2991 }} floor={0.3} />
        <PrecisionBar report={{ ...kind, precision: null, low: 0, high: 1 }} floor={0.3} />
      </Group>
    </>
  );
}

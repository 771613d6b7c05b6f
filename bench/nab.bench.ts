/**
 * `npm run bench:nab`: the Numenta Anomaly Benchmark with the detector that watches endpoints' series, one set of
 * constants, scored by the independent scorer that reproduces the published table. `-- --sensitivity` halves and doubles
 * each constant besides (some minutes).
 */
import { judged, needCorpus, type Profile, readCorpus, scored } from './nab/corpus.js';
import { showSensitivity } from './nab/sensitivity.js';
import { figure, keep } from './report.js';

/** Standard, low FP, low FN. The first column is the scoreboard of github.com/numenta/NAB; the others as numenta.com (2018) gives them. */
const PUBLISHED: readonly (readonly [detector: string, ...scores: (number | undefined)[]])[] = [
  ['ARTime', 74.9],
  ['Numenta HTM', 70.1, 62.6, 75.2],
  ['CAD OSE', 69.9, 67.0, 73.2],
  ['Skyline', 58.2],
  ['KNN-CAD', 58.0, 43.4, 64.8],
  ['Random Cut Forest', 51.7, 38.4, 59.7],
  ['value out of range', 50.8],
  ['windowed Gaussian', 39.6, 20.9, 47.4],
];
const BARS: readonly (readonly [profile: Profile, name: string, bar: number])[] = [
  ['standard', 'standard', 65],
  ['reward_low_FP_rate', 'low FP', 57],
  ['reward_low_FN_rate', 'low FN', 69],
];

needCorpus();
const corpus = await readCorpus();
const begun = process.cpuUsage();
const results = judged(corpus);
const { user } = process.cpuUsage(begun);
const points = corpus.reduce((sum, series) => sum + series.points.length, 0);
const scores = scored(results, '--crossval');

const row = (name: string, values: readonly (number | undefined)[]) =>
  console.log(`${name.padEnd(36)}${values.map((value) => (value?.toFixed(1) ?? '-').padStart(10)).join('')}`);
console.log(`${corpus.length} series, ${points} points, ${(user / points).toFixed(2)} us a point`);
console.log(`${'detector'.padEnd(36)}${BARS.map(([, name]) => name.padStart(10)).join('')}`);
for (const [detector, ...published] of PUBLISHED) row(detector, [...published, undefined, undefined].slice(0, BARS.length));
row(
  'Plimsoll',
  BARS.map(([profile]) => scores[profile].score),
);
row(
  'Plimsoll, threshold of other files',
  BARS.map(([profile]) => scores[profile].score_leave_one_file_out),
);

keep(
  'detection',
  BARS.flatMap(([profile, name, bar]) => [
    figure(`NAB ${name}`, scores[profile].score, 'points', bar, 'higher'),
    figure(
      `NAB ${name}, threshold from the other files only`,
      scores[profile].score_leave_one_file_out ?? Number.NaN,
      'points',
      bar,
      'higher',
    ),
  ]),
  { by: 'npm run bench:nab' },
);
if (process.argv.includes('--sensitivity')) showSensitivity(corpus);

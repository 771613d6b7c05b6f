/**
 * Charts as plain SVG files: a few kinds of marks on linear or logarithmic axes. Colours follow the reader's light or dark
 * mode, shapes and labels carry the meaning without them.
 */
export interface Axis {
  label: string;
  low: number;
  high: number;
  /** Decades instead of equal steps. */
  log?: boolean;
  ticks: readonly number[];
  tick?: (value: number) => string;
}

export type Point = readonly [x: number, y: number];

export type Mark =
  | { type: 'line'; points: readonly Point[]; tone: Tone; label?: string; dashed?: boolean; dots?: boolean }
  | { type: 'band'; lower: readonly Point[]; upper: readonly Point[]; tone: Tone; label?: string }
  | { type: 'dots'; points: readonly Point[]; tone: Tone; label?: string }
  | { type: 'span'; from: number; until: number; label: string };

/** `own`: what the picture is about. `alarm`: what is flagged. The others are for company. */
export type Tone = 'own' | 'alarm' | 'a' | 'b' | 'c' | 'd' | 'quiet';

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  marks: readonly Mark[];
  /** Where the names begin, as a share of the plot's height from its top; they must not lie over what is shown. */
  legendAt?: number;
}

const WIDTH = 860;
const HEIGHT = 420;
const FRAME = { left: 76, right: 24, top: 44, bottom: 56 };
const PALETTE: Record<Tone, readonly [light: string, dark: string]> = {
  own: ['#0b57d0', '#8ab4f8'],
  alarm: ['#b3261e', '#f2877f'],
  a: ['#8a5300', '#f0b35a'],
  b: ['#146c2e', '#7fd18f'],
  c: ['#7627bb', '#cf9ff5'],
  d: ['#00696f', '#6fd3d9'],
  quiet: ['#5f6368', '#aab0b6'],
};

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const short = (value: number) => String(Number(value.toFixed(1)));

function style(): string {
  const tones = Object.entries(PALETTE);
  const rules = (mode: 0 | 1) =>
    tones.map(([tone, colours]) => `.${tone}{stroke:${colours[mode]}}.fill-${tone}{fill:${colours[mode]}}`).join('');
  const dark = `.page{fill:#16181c}.ink{fill:#e3e5e8}.rule{stroke:#3a3e44}.span{fill:#f2877f}${rules(1)}`;
  return (
    'text{font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}.line{fill:none;stroke-width:2.2}' +
    `.page{fill:#fff}.ink{fill:#1f2328}.rule{stroke:#d5d9de}.span{fill:#b3261e}${rules(0)}` +
    `@media(prefers-color-scheme:dark){${dark}}`
  );
}

/** Places of values on the page. */
function placing({ low, high, log }: Axis, from: number, to: number): (value: number) => number {
  const scale = log ? (value: number) => Math.log(Math.max(value, low)) : (value: number) => value;
  const [least, most] = [scale(low), scale(high)];
  return (value) => {
    const share = (scale(value) - least) / (most - least);
    return from + (to - from) * Math.min(1, Math.max(0, share));
  };
}

export function svgOf({ title, x, y, marks, legendAt = 0 }: Chart): string {
  const [left, right, top, bottom] = [FRAME.left, WIDTH - FRAME.right, FRAME.top, HEIGHT - FRAME.bottom];
  const atX = placing(x, left, right);
  const atY = placing(y, bottom, top);
  const path = (points: readonly Point[]) => points.map(([px, py]) => `${short(atX(px))},${short(atY(py))}`).join(' ');
  const grid = [
    ...x.ticks.map((value) => {
      const place = short(atX(value));
      const text = `<text class="ink" x="${place}" y="${bottom + 20}" text-anchor="middle">${escaped(x.tick?.(value) ?? String(value))}</text>`;
      return `<line class="rule" x1="${place}" x2="${place}" y1="${top}" y2="${bottom}"/>${text}`;
    }),
    ...y.ticks.map((value) => {
      const place = short(atY(value));
      const text = `<text class="ink" x="${left - 8}" y="${Number(place) + 4}" text-anchor="end">${escaped(y.tick?.(value) ?? String(value))}</text>`;
      return `<line class="rule" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/>${text}`;
    }),
  ];
  const drawn = marks.map((mark) => {
    if (mark.type === 'span') {
      const [begin, over] = [atX(mark.from), atX(mark.until)];
      return `<rect class="span" opacity="0.12" x="${short(begin)}" y="${top}" width="${short(over - begin)}" height="${bottom - top}"/>`;
    }
    if (mark.type === 'band')
      return `<polygon class="fill-${mark.tone}" opacity="0.22" points="${path([...mark.upper, ...[...mark.lower].reverse()])}"/>`;
    const dots = mark.type === 'dots' || mark.dots ? mark.points : [];
    const circles = dots
      .map(([px, py]) => `<circle class="fill-${mark.tone}" cx="${short(atX(px))}" cy="${short(atY(py))}" r="3.6"/>`)
      .join('');
    if (mark.type === 'dots') return circles;
    const dash = mark.dashed ? ' stroke-dasharray="7 5"' : '';
    return `<polyline class="line ${mark.tone}"${dash} points="${path(mark.points)}"/>${circles}`;
  });
  const axes =
    `<text class="ink" x="${(left + right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(x.label)}</text>` +
    `<text class="ink" transform="translate(18 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}"><style>${style()}</style>` +
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/><text class="ink title" x="${left}" y="26">${escaped(title)}</text>` +
    `${grid.join('')}${drawn.join('')}${axes}${legend(marks, left + 14, top + 20 + legendAt * (bottom - top))}</svg>\n`
  );
}

/** A row for each mark that has a name, over a ground of the page's colour. */
function legend(marks: readonly Mark[], left: number, top: number): string {
  const named = marks.filter(({ label }) => label !== undefined);
  const longest = Math.max(0, ...named.map(({ label = '' }) => label.length));
  const rows = named.map((mark, row) => {
    const at = top + 19 * row;
    const text = `<text class="ink" x="${left + 34}" y="${at + 4}">${escaped(mark.label ?? '')}</text>`;
    if (mark.type === 'span')
      return `<rect class="span" opacity="0.12" x="${left}" y="${at - 6}" width="26" height="12"/>${text}`;
    if (mark.type === 'band')
      return `<rect class="fill-${mark.tone}" opacity="0.22" x="${left}" y="${at - 6}" width="26" height="12"/>${text}`;
    const dot = `<circle class="fill-${mark.tone}" cx="${left + 13}" cy="${at}" r="3.6"/>`;
    if (mark.type === 'dots') return `${dot}${text}`;
    const dash = mark.dashed ? ' stroke-dasharray="7 5"' : '';
    return `<line class="line ${mark.tone}"${dash} x1="${left}" x2="${left + 26}" y1="${at}" y2="${at}"/>${mark.dots ? dot : ''}${text}`;
  });
  const ground = `<rect class="page" opacity="0.85" x="${left - 8}" y="${top - 14}" width="${52 + 7.2 * longest}" height="${19 * named.length + 8}"/>`;
  return `${ground}${rows.join('')}`;
}

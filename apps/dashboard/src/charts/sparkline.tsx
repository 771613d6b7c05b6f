/** A line without axes, in a row or a tile. Decoration for eyes: the number beside it says what matters. */
export function Sparkline({ values, className }: { values: readonly number[]; className?: string }) {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? 100 / (values.length - 1) : 0;
  const points = values.map((value, index) => `${(index * step).toFixed(2)},${(27 - (25 * value) / top).toFixed(2)}`);
  return (
    <svg viewBox="0 0 100 28" preserveAspectRatio="none" className={className} aria-hidden="true" focusable="false">
      <polygon points={`0,28 ${points.join(' ')} 100,28`} className="fill-accent/10" />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--color-accent)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** Names and values of one thing, a line each. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-sm">
      {facts.map(([name, value]) => (
        <div key={`${name} ${value}`} className="contents">
          <dt className="break-words text-faint">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Facts of one sort below their heading; nothing where there are none. */
export function FactsSection({ label, facts }: { label: string; facts: readonly (readonly [string, string])[] }) {
  if (facts.length === 0) return null;
  return (
    <section aria-label={label}>
      <h3 className="mb-1 font-medium text-muted text-xs">{label}</h3>
      <Facts facts={facts} />
    </section>
  );
}

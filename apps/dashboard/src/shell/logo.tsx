/** The mark: a load line, a circle with a horizontal line through it, as on a ship's hull. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth="2.75" strokeLinecap="round">
        <circle cx="16" cy="16" r="9.5" />
        <path d="M2 16h28" />
      </g>
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={`inline-flex items-center gap-2 font-semibold text-lg tracking-tight ${className ?? ''}`}>
      <Mark className="size-6 text-accent" />
      Plimsoll
    </span>
  );
}

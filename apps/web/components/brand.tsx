/** The mark: a meter of three columns. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden className={className}>
      <rect width="24" height="24" rx="6" className="fill-ink" />
      <path
        d="M7 17v-5M12 17V7M17 17v-8"
        className="stroke-inverse"
        strokeWidth="2.4"
        strokeLinecap="round"
        fill="none"
      />
    </svg>
  );
}

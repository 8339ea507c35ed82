/** Something is under way. Says nothing to a screen reader: whoever shows it says what is. */
export function Spinner() {
  return (
    <svg viewBox="0 0 16 16" fill="none" aria-hidden className="size-4 animate-[spin_700ms_linear_infinite]">
      <circle cx="8" cy="8" r="6.25" stroke="currentColor" strokeOpacity="0.25" strokeWidth="1.5" />
      <path d="M14.25 8A6.25 6.25 0 0 0 8 1.75" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  );
}

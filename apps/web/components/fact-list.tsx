import type { ReactNode } from 'react';

export interface Fact {
  label: string;
  value: ReactNode;
}

/** What is known of one thing: names and values, in one or two columns. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid gap-x-10 gap-y-3 text-sm sm:grid-cols-2">
      {facts.map(({ label, value }) => (
        <div key={label} className="min-w-0">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="mt-0.5 min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

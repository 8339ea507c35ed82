'use client';

import { useAbsoluteTime } from '@/lib/time';

/** `21 Nov 2026, 22:41 UTC`, in the zone that the person has set. */
export function AbsoluteTime({ at }: { at: string | number }) {
  const absolute = useAbsoluteTime();
  const instant = new Date(at);
  return (
    <time dateTime={instant.toISOString()} className="tabular-nums">
      {absolute(instant)}
    </time>
  );
}

'use client';

import { useFormatter, useTranslations } from 'use-intl';
import { CLOCK_STEP_MILLISECONDS, useNow } from '@/lib/now';
import { useAbsoluteTime } from '@/lib/time';
import { Tooltip } from './tooltip';

interface RelativeTimeProps {
  /** RFC 3339, or milliseconds since 1970. */
  at: string | number;
  /** In a table of many, hover alone shows the absolute time, so that Tab does not stop at every cell. */
  focusable?: boolean;
}

const MINUTE_MILLISECONDS = 60_000;

/** `3 hours ago`; the absolute time with its zone on hover and focus. Goes on by itself. */
export function RelativeTime({ at, focusable = true }: RelativeTimeProps) {
  const t = useTranslations('time');
  const format = useFormatter();
  const now = useNow();
  const absolute = useAbsoluteTime();
  const instant = new Date(at);
  const distance = instant.getTime() - now;
  const near = Math.abs(distance) < MINUTE_MILLISECONDS;
  return (
    <Tooltip content={absolute(instant)}>
      <time
        dateTime={instant.toISOString()}
        // Its tooltip must be reachable by the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={focusable ? 0 : undefined}
        className="cursor-default whitespace-nowrap tabular-nums"
      >
        {near ? t(distance > CLOCK_STEP_MILLISECONDS ? 'soon' : 'justNow') : format.relativeTime(instant, now)}
      </time>
    </Tooltip>
  );
}

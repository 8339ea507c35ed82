'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { parseDuration } from '@maas/contracts/duration';
import type { TokenConfig } from '@maas/contracts/tokens';
import { Field } from '@/components/field';
import { Input } from '@/components/input';
import { Select } from '@/components/select';
import { useNow } from '@/lib/now';
import { useSpan } from '@/lib/span';
import { useAbsoluteTime } from '@/lib/time';

interface ExpirationFieldProps {
  config: TokenConfig;
  /** A duration as the API takes it: `30m`, `7d`. */
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

/** How long a token lives: a preset or a duration of one's own, and the instant that it comes to. */
export function ExpirationField({ config, value, onChange, error }: ExpirationFieldProps) {
  const t = useTranslations('tokens.createDialog');
  const span = useSpan();
  const [custom, setCustom] = useState(false);
  const expires = <ExpiresAt value={value} />;
  return (
    <div className="flex flex-col gap-3">
      <Field label={t('expiration')} {...(!custom && { hint: expires, error })}>
        <Select
          value={custom ? 'custom' : value}
          onChange={(chosen) => (setCustom(chosen === 'custom'), chosen !== 'custom' && onChange(chosen))}
          choices={[
            ...config.presets.map(({ expiration, seconds }) => ({ value: expiration, label: span(seconds) })),
            { value: 'custom', label: t('custom') },
          ]}
        />
      </Field>
      {custom && (
        <Field
          label={t('customLabel')}
          error={error}
          hint={
            <>
              {t('customHint', { shortest: span(config.shortestSeconds), longest: span(config.longestSeconds) })}{' '}
              {expires}
            </>
          }
        >
          <Input
            value={value}
            onChange={(event) => onChange(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            mono
          />
        </Field>
      )}
    </div>
  );
}

function ExpiresAt({ value }: { value: string }) {
  const t = useTranslations('tokens.createDialog');
  const absolute = useAbsoluteTime();
  const now = useNow();
  const milliseconds = parseDuration(value.trim());
  if (milliseconds === undefined || milliseconds === 0) return null;
  const at = new Date(now + milliseconds);
  return Number.isNaN(at.getTime()) ? null : t('expiresAt', { time: absolute(at) });
}

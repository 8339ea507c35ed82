'use client';

import { useTranslations } from 'use-intl';
import { StatusChip } from '@/components/status-chip';

const words = {
  400: true,
  401: true,
  403: true,
  404: true,
  429: true,
  499: true,
  500: true,
  502: true,
  503: true,
  504: true,
};

/** How a request ended: its HTTP status, with a word. */
export function RequestStatus({ status, brief = false }: { status: number; brief?: boolean }) {
  const t = useTranslations('requests.statusWord');
  const tone = status < 400 ? 'success' : status === 499 ? 'neutral' : status < 500 ? 'warning' : 'danger';
  const word = status < 400 ? t('ok') : isWord(status) ? t(`${status}`) : t('other');
  return (
    <StatusChip tone={tone}>
      <span className="tabular-nums">{status}</span>
      <span className={brief ? 'sr-only' : 'text-muted'}> {word}</span>
    </StatusChip>
  );
}

function isWord(status: number): status is keyof typeof words {
  return status in words;
}

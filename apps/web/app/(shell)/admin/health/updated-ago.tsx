'use client';

import { Pause, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { IconButton } from '@/components/icon-button';

interface UpdatedAgoProps {
  /** Milliseconds since 1970. */
  at: number;
  paused: boolean;
  onPause: (paused: boolean) => void;
  refreshing: boolean;
  onRefresh: () => void;
}

/** How old what is shown is, with a way to stop it from changing, and to have it anew. */
export function UpdatedAgo({ at, paused, onPause, refreshing, onRefresh }: UpdatedAgoProps) {
  const t = useTranslations('adminHealth.updated');
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  return (
    <>
      <span className="text-sm text-muted tabular-nums">{t('ago', { seconds })}</span>
      <IconButton label={t(paused ? 'resume' : 'pause')} aria-pressed={paused} onClick={() => onPause(!paused)}>
        {paused ? <Play /> : <Pause />}
      </IconButton>
      {paused && (
        <Button pending={refreshing} onClick={onRefresh}>
          {t('refresh')}
        </Button>
      )}
    </>
  );
}

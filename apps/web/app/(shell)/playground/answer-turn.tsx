'use client';

import { RotateCcw } from 'lucide-react';
import { useFormatter, useTranslations } from 'use-intl';
import { CopyButton } from '@/components/copy-button';
import { IconButton } from '@/components/icon-button';
import { Spinner } from '@/components/spinner';
import { useLatency } from '@/lib/latency';
import { type Answer, speedOf } from './conversation';
import { useCountedUsage } from './use-counted-usage';

interface AnswerTurnProps {
  answer: Answer;
  /** Absent where it is not the last one, or one is under way. */
  onRegenerate: (() => void) | undefined;
}

/** What a model answered, as text and nothing else, and how it came. */
export function AnswerTurn({ answer, onRegenerate }: AnswerTurnProps) {
  const t = useTranslations('playground');
  const { model, text, state } = answer;
  if (state === 'failed' && text === '') return null;
  return (
    <li className="min-w-0">
      <p className="mb-1 truncate-id text-muted">{model}</p>
      {text === '' && state === 'streaming' ? (
        <p className="flex items-center gap-2 text-sm text-muted">
          <Spinner /> {t('waiting')}
        </p>
      ) : (
        <p className="text-base wrap-anywhere whitespace-pre-wrap">
          {text}
          {state === 'streaming' && (
            <span aria-hidden className="ms-0.5 inline-block h-4 w-1.5 animate-pulse bg-ink align-text-bottom" />
          )}
        </p>
      )}
      <div className="mt-1.5 flex min-h-8 flex-wrap items-center gap-x-1">
        {state !== 'streaming' && (
          <>
            {text !== '' && <CopyButton value={text} label={t('copyAnswer')} />}
            {onRegenerate && (
              <IconButton
                label={t('regenerate')}
                onClick={onRegenerate}
                className="size-6! rounded-sm! [&_svg]:size-3.5!"
              >
                <RotateCcw />
              </IconButton>
            )}
          </>
        )}
        <Figures answer={answer} />
      </div>
    </li>
  );
}

/** Time to the first token, speed, tokens, and why it ended where that is not plain. */
function Figures({ answer }: { answer: Answer }) {
  const t = useTranslations('playground.figure');
  const format = useFormatter();
  const latency = useLatency();
  const { state, figures } = answer;
  const { firstTokenMs, finish } = figures;
  const { usage, counting } = useCountedUsage(answer);
  const speed = speedOf({ ...figures, ...(usage && { usage }) });
  const parts = [
    firstTokenMs !== undefined && t('first', { time: latency(firstTokenMs) }),
    speed !== undefined && t('speed', { speed: format.number(speed, { maximumFractionDigits: 1 }) }),
    usage && t('usage', { ...usage }),
    counting && t('counting'),
    state === 'stopped' && t('stopped'),
    finish === 'length' && t('length'),
    finish === 'content_filter' && t('filtered'),
  ].filter((part) => typeof part === 'string');
  return (
    <ul className="flex flex-wrap gap-x-2 text-xs text-muted tabular-nums [&>li:not(:last-child)]:after:ps-2 [&>li:not(:last-child)]:after:content-['·']">
      {parts.map((part) => (
        <li key={part}>{part}</li>
      ))}
    </ul>
  );
}

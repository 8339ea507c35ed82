'use client';

import { RotateCcw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { InlineError } from '@/components/inline-error';
import type { Chat } from './use-chat';
import { useSecondsUntil } from './use-seconds-until';

/** Why there is no answer, and a way to try again: when a limit allows it, if it was one. */
export function ChatError({ chat }: { chat: Chat }) {
  const t = useTranslations('playground');
  const seconds = useSecondsUntil(chat.retryAt);
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="max-w-full">
        <InlineError error={chat.error} />
      </div>
      <Button size="sm" disabled={chat.busy || seconds > 0} onClick={chat.regenerate}>
        <RotateCcw aria-hidden />
        {seconds > 0 ? t('retryIn', { seconds }) : t('retry')}
      </Button>
    </div>
  );
}

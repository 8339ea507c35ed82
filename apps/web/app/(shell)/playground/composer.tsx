'use client';

import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { TextArea } from '@/components/text-area';
import type { Chat } from './use-chat';
import { useSecondsUntil } from './use-seconds-until';

interface ComposerProps {
  chat: Chat;
  draft: string;
  onDraft: (draft: string) => void;
  /** There is no model, or a parameter is wrong. */
  blocked: boolean;
}

/** Where one writes. Enter sends, Shift and Enter begin a new line. What was written stays until it is sent. */
export function Composer({ chat, draft, onDraft, blocked }: ComposerProps) {
  const t = useTranslations('playground');
  const form = useRef<HTMLFormElement>(null);
  const seconds = useSecondsUntil(chat.retryAt);
  const ready = !blocked && !chat.busy && seconds === 0 && draft.trim() !== '';
  const send = () => {
    if (!ready) return;
    chat.send(draft);
    onDraft('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed (Japanese, Chinese), Enter belongs to that.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => (event.preventDefault(), send())}
      className="border-t border-line px-4 py-3 sm:px-6"
    >
      <div className="mx-auto max-w-3xl">
        <div className="flex items-end gap-2">
          <TextArea
            aria-label={t('message')}
            placeholder={t('placeholder')}
            value={draft}
            onChange={(event) => onDraft(event.target.value)}
            onKeyDown={onKeyDown}
            rows={1}
            className="max-h-40! min-h-10! resize-none! py-2!"
          />
          {chat.busy ? (
            <Button size="lg" onClick={chat.stop} className="w-24">
              <Square aria-hidden className="fill-current" />
              {t('stop')}
            </Button>
          ) : (
            <Button size="lg" type="submit" variant="primary" disabled={!ready} className="w-24 tabular-nums">
              <ArrowUp aria-hidden />
              {seconds > 0 ? t('seconds', { seconds }) : t('send')}
            </Button>
          )}
        </div>
        <p className="mt-1.5 text-xs text-muted">{t('hintLine')}</p>
        <p role="status" className="sr-only">
          {chat.busy ? t('answering') : seconds > 0 ? t('limited') : ''}
        </p>
      </div>
    </form>
  );
}

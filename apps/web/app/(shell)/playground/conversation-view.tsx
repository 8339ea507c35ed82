'use client';

import { MessageSquare } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { AnswerTurn } from './answer-turn';
import { ChatError } from './chat-error';
import { QuestionTurn } from './question-turn';
import type { Chat } from './use-chat';

interface ConversationProps {
  chat: Chat;
  model: ListedModel | undefined;
  onExample: (text: string) => void;
}

/** What was said so far. A screen reader hears an answer when all of it is there. */
export function Conversation({ chat, model, onExample }: ConversationProps) {
  const t = useTranslations('playground');
  const { turns, busy, error } = chat;
  const box = useFollowedEnd();
  const last = turns.at(-1)?.id;
  return (
    <div
      ref={box}
      // It scrolls, so the keyboard must reach it.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="group"
      aria-label={t('messages')}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain rounded-t-lg px-4 py-4 focus-visible:-outline-offset-2 sm:px-6"
    >
      <div role="log" aria-label={t('messages')} aria-busy={busy}>
        {turns.length === 0 ? (
          <EmptyState
            icon={<MessageSquare />}
            title={model ? t('emptyTitle', { model: model.name }) : t('emptyTitleNoModel')}
          >
            <p>{t('empty')}</p>
            <div className="mt-4 flex flex-wrap justify-center gap-2">
              {(['one', 'two', 'three'] as const).map((example) => (
                <Button
                  key={example}
                  size="sm"
                  onClick={() => onExample(t(`example.${example}`))}
                  className="h-auto! py-1.5 whitespace-normal!"
                >
                  {t(`example.${example}`)}
                </Button>
              ))}
            </div>
          </EmptyState>
        ) : (
          <ol className="mx-auto flex max-w-3xl flex-col gap-5">
            {turns.map((turn) =>
              turn.role === 'user' ? (
                <QuestionTurn key={turn.id} text={turn.text} />
              ) : (
                <AnswerTurn
                  key={turn.id}
                  answer={turn}
                  onRegenerate={turn.id === last && !busy ? chat.regenerate : undefined}
                />
              ),
            )}
          </ol>
        )}
      </div>
      {/* Beside the log: the seconds until another try would be read one by one. */}
      {error !== undefined && (
        <div className="mx-auto mt-5 max-w-3xl">
          <ChatError chat={chat} />
        </div>
      )}
    </div>
  );
}

const NEAR_PIXELS = 80;

/** A box that stays at its end while it grows, unless the person has scrolled up to read. */
function useFollowedEnd() {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => {
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PIXELS;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, []);
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  return box;
}

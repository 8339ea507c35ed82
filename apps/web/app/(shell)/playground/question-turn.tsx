'use client';

import { useTranslations } from 'use-intl';

/** What the person asked, as text. */
export function QuestionTurn({ text }: { text: string }) {
  const t = useTranslations('playground');
  return (
    <li className="ms-auto max-w-[85%] rounded-xl rounded-ee-sm bg-selected px-3.5 py-2">
      <p className="sr-only">{t('you')}</p>
      <p className="text-base wrap-anywhere whitespace-pre-wrap">{text}</p>
    </li>
  );
}

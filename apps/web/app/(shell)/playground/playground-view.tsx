'use client';

import { Code, Eraser, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { ErrorState } from '@/components/error-state';
import { NoTier } from '@/components/no-tier';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useSession } from '@/lib/session';
import { Composer } from './composer';
import { Conversation } from './conversation-view';
import { NoChatModel } from './no-chat-model';
import { OwnLimits } from './own-limits';
import { ParameterFields } from './parameter-fields';
import { initialForm, readParameters } from './parameters';
import { useChat } from './use-chat';
import { useChosenModel } from './use-chosen-model';

const CodeDialog = lazyOverlay(() => import('./code-dialog'));
const ParameterSheet = lazyOverlay(() => import('./parameter-sheet'));

/** Talk to a model: what a program would send, seen as it comes back. */
export function PlaygroundView() {
  const t = useTranslations('playground');
  const { tier } = useSession();
  if (tier !== null) return <Playground />;
  return (
    <Page>
      <PageHeader title={t('title')} />
      <NoTier />
    </Page>
  );
}

function Playground() {
  const t = useTranslations('playground');
  const [form, setForm] = useState(initialForm);
  const [draft, setDraft] = useState('');
  const [open, setOpen] = useState<'code' | 'parameters' | null>(null);
  const chosen = useChosenModel();
  const { parameters, problems } = readParameters(form);
  const chat = useChat(chosen.id, parameters);
  const close = (stays: boolean) => !stays && setOpen(null);
  if (chosen.error !== null) return <Page>{<ErrorState error={chosen.error} retry={chosen.retry} />}</Page>;
  if (chosen.models?.length === 0) return <NoChatModel title={t('title')} />;
  const settings = (
    <>
      <ParameterFields chosen={chosen} form={form} problems={problems} onChange={setForm} />
      <OwnLimits />
    </>
  );
  return (
    <div className="mx-auto flex h-[calc(100dvh-3.5rem)] w-full max-w-7xl flex-col px-4 pt-5 pb-4 sm:px-8">
      <header className="mb-4 flex items-center justify-between gap-3">
        <h1 className="min-w-0 truncate text-xl font-semibold">{t('title')}</h1>
        <div className="flex gap-2">
          <Button onClick={() => setOpen('parameters')} className="lg:hidden">
            <SlidersHorizontal aria-hidden />
            <span className="max-sm:sr-only">{t('parameters')}</span>
          </Button>
          <Button onClick={chat.clear} disabled={chat.turns.length === 0}>
            <Eraser aria-hidden />
            <span className="max-sm:sr-only">{t('clear')}</span>
          </Button>
          <Button onClick={() => setOpen('code')} disabled={chosen.id === null}>
            <Code aria-hidden />
            {t('code')}
          </Button>
        </div>
      </header>
      <div className="grid min-h-0 flex-1 gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <section
          aria-label={t('conversation')}
          className="flex min-h-0 min-w-0 flex-col rounded-lg border border-line bg-surface shadow-card"
        >
          <Conversation chat={chat} model={chosen.model} onExample={setDraft} />
          <Composer
            chat={chat}
            draft={draft}
            onDraft={setDraft}
            blocked={chosen.model === undefined || Object.keys(problems).length > 0}
          />
        </section>
        <aside
          aria-label={t('parameters')}
          className="hidden min-h-0 flex-col gap-4 overflow-y-auto rounded-lg border border-line bg-surface p-4 shadow-card lg:flex"
        >
          {settings}
        </aside>
      </div>
      <ParameterSheet open={open === 'parameters'} onOpenChange={close}>
        {settings}
      </ParameterSheet>
      <CodeDialog
        open={open === 'code'}
        onOpenChange={close}
        model={chosen.id ?? ''}
        turns={chat.turns}
        draft={draft}
        parameters={parameters}
      />
    </div>
  );
}

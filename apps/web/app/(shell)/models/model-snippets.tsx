'use client';

import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { CodeBlock } from '@/components/code-block';
import { Field } from '@/components/field';
import { Switch } from '@/components/switch';
import { environment, snippets } from '@/lib/snippets';
import { canChat } from './model-filter';

/** A first call of a model in each language. The key comes from the environment, never from here. */
export function ModelSnippets({ model }: { model: ListedModel }) {
  const t = useTranslations('models');
  const [stream, setStream] = useState(true);
  const { origin } = location;
  const chat = canChat(model);
  const codes = [
    ...snippets({ origin, model: model.id, ...(chat ? { stream } : { endpoint: 'embeddings' }) }),
    { id: 'env', label: '.env', code: environment({ origin }) },
  ];
  return (
    <section>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h3 className="text-sm font-medium">{t('code')}</h3>
        {chat && (
          <Field label={t('stream')} className="flex-row-reverse items-center gap-2.5!">
            <Switch checked={stream} onChange={setStream} />
          </Field>
        )}
      </div>
      <CodeBlock label={t('code')} codes={codes} />
      <p className="mt-2 text-sm text-muted">
        {t.rich('keyHint', {
          link: (text) => (
            <Link href="/tokens?create=true" className="text-accent underline underline-offset-2">
              {text}
            </Link>
          ),
        })}
      </p>
    </section>
  );
}

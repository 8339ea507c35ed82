'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { AbsoluteTime } from '@/components/absolute-time';
import { CopyButton } from '@/components/copy-button';
import { NumberText } from '@/components/number-text';
import { OwnLimitsLine } from './own-limits-line';

/** What is known of a model. */
export function ModelFacts({ model }: { model: ListedModel }) {
  const t = useTranslations('models');
  const { capabilities = [], context_window: context } = model;
  return (
    <section>
      <h3 className="mb-1 text-sm font-medium">{t('facts')}</h3>
      <dl className="divide-y divide-line text-sm">
        <Fact name={t('fact.id')}>
          <Copied text={model.id} label={t('copyId', { id: model.id })} />
        </Fact>
        <Fact name={t('fact.baseUrl')}>
          <Copied text={`${location.origin}/v1`} label={t('copyBaseUrl')} />
        </Fact>
        <Fact name={t('fact.ownUrl')}>
          <Copied text={model.base_url} label={t('copyOwnUrl')} />
        </Fact>
        <Fact name={t('fact.limits')}>
          <OwnLimitsLine />
        </Fact>
        {context !== undefined && (
          <Fact name={t('fact.context')}>
            <NumberText value={context} exact unit={t('tokensUnit')} />
          </Fact>
        )}
        {capabilities.length > 0 && <Fact name={t('capabilities')}>{capabilities.join(', ')}</Fact>}
        <Fact name={t('fact.owner')}>{model.owned_by}</Fact>
        {model.tier !== null && <Fact name={t('fact.tier')}>{model.tier}</Fact>}
        <Fact name={t('fact.created')}>
          <AbsoluteTime at={model.created * 1000} />
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 py-2 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

function Copied({ text, label }: { text: string; label: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="min-w-0 font-mono text-xs wrap-anywhere">{text}</code>
      <CopyButton value={text} label={label} />
    </span>
  );
}

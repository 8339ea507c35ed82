'use client';

import { Code, Play } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { Badge } from '@/components/badge';
import { Button, ButtonLink } from '@/components/button';
import { CopyButton } from '@/components/copy-button';
import { NumberText } from '@/components/number-text';
import { canChat } from './model-filter';
import { ModelReadiness } from './model-readiness';

/** A model at a glance, with what can be done with it. */
export function ModelCard({ model, onUse }: { model: ListedModel; onUse: () => void }) {
  const t = useTranslations('models');
  const { id, name, description, capabilities = [], context_window: context } = model;
  return (
    <li className="flex min-w-0 flex-col rounded-lg border border-line bg-surface p-4 shadow-card transition-colors duration-100 hover:border-line-strong">
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 truncate text-base font-medium">{name}</h2>
        <span className="shrink-0 pt-0.5 text-xs">
          <ModelReadiness ready={model.ready} />
        </span>
      </div>
      <div className="flex items-center gap-0.5">
        <code className="truncate-id text-muted">{id}</code>
        <CopyButton value={id} label={t('copyId', { id })} />
      </div>
      <p className="mt-1.5 line-clamp-2 sm:min-h-10 text-sm wrap-anywhere text-muted">{description}</p>
      <ul aria-label={t('capabilities')} className="mt-3 flex min-h-5 flex-wrap gap-1">
        {capabilities.map((capability) => (
          <li key={capability} className="min-w-0">
            <Badge>{capability}</Badge>
          </li>
        ))}
      </ul>
      <div className="mt-auto flex items-center gap-2 pt-4">
        <p className="min-w-0 flex-1 truncate text-xs text-muted">
          {context === undefined ? '' : t.rich('context', { tokens: () => <NumberText value={context} /> })}
        </p>
        {canChat(model) && (
          <ButtonLink href={`/playground?model=${encodeURIComponent(id)}`} size="sm">
            <Play aria-hidden />
            {t('try')}
            <span className="sr-only">{name}</span>
          </ButtonLink>
        )}
        <Button size="sm" onClick={onUse} aria-haspopup="dialog">
          <Code aria-hidden />
          {t('use')}
          <span className="sr-only">{name}</span>
        </Button>
      </div>
    </li>
  );
}

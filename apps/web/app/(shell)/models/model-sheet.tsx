'use client';

import { Play, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { ButtonLink } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { Sheet } from '@/components/sheet';
import { canChat } from './model-filter';
import { ModelFacts } from './model-facts';
import { ModelReadiness } from './model-readiness';
import { ModelSnippets } from './model-snippets';

interface ModelSheetProps {
  open: boolean;
  id: string | null;
  models: readonly ListedModel[];
  onClose: () => void;
}

/** How to use a model: what it is, and the code for it. */
export default function ModelSheet({ open, id, models, onClose }: ModelSheetProps) {
  const t = useTranslations('models');
  // While the sheet leaves, it still says what it was about.
  const [shownId, setShownId] = useState(id);
  if (id !== null && id !== shownId) setShownId(id);
  const model = models.find((one) => one.id === shownId);
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      width="lg"
      title={model?.name ?? shownId ?? ''}
      description={model?.description}
      {...(model &&
        canChat(model) && {
          footer: (
            <ButtonLink href={`/playground?model=${encodeURIComponent(model.id)}`} variant="primary">
              <Play aria-hidden />
              {t('tryLong')}
            </ButtonLink>
          ),
        })}
    >
      {model ? (
        <div className="flex flex-col gap-6">
          <ModelReadiness ready={model.ready} />
          <ModelSnippets model={model} />
          <ModelFacts model={model} />
        </div>
      ) : (
        <EmptyState icon={<SearchX />} title={t('unknownTitle')}>
          {t('unknown')}
        </EmptyState>
      )}
    </Sheet>
  );
}

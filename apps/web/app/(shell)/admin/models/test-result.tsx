'use client';

import { useTranslations } from 'use-intl';
import type { BackendTest } from '@maas/contracts/backends';
import { Badge } from '@/components/badge';
import { NumberText } from '@/components/number-text';
import { StatusChip } from '@/components/status-chip';

const MODELS_SHOWN = 12;

/** What came of trying a backend. */
export function TestResult({ result }: { result: BackendTest }) {
  const t = useTranslations('adminModels.test');
  const { ok, status, latencyMs, models, listsModel, error } = result;
  const [tone, word] = !ok ? (['danger', 'failed'] as const) : listsModel === false ? (['warning', 'notListed'] as const) : (['success', 'works'] as const); // prettier-ignore
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line bg-sunken px-3 py-2.5 text-sm">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StatusChip tone={tone}>{t(word)}</StatusChip>
        <NumberText value={latencyMs} exact unit="ms" />
        {status !== null && <span className="text-muted tabular-nums">{t('status', { status })}</span>}
      </p>
      {error !== undefined && <p className="text-muted wrap-anywhere">{error}</p>}
      {models.length > 0 && (
        <div>
          <p className="mb-1 text-xs text-muted">{t('models', { count: models.length })}</p>
          <p className="flex flex-wrap gap-1">
            {models.slice(0, MODELS_SHOWN).map((id) => (
              <Badge key={id}>{id}</Badge>
            ))}
            {models.length > MODELS_SHOWN && <Badge>{t('moreModels', { count: models.length - MODELS_SHOWN })}</Badge>}
          </p>
        </div>
      )}
    </div>
  );
}

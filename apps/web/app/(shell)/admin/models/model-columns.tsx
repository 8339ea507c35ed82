'use client';

import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { Badge } from '@/components/badge';
import type { Column } from '@/components/data-table';
import { NumberText } from '@/components/number-text';
import { RelativeTime } from '@/components/relative-time';
import { RowLink } from '@/components/row-link';
import { backendsUp, inFlight } from './backend-state';
import { Readiness } from './readiness';

/** The columns of the list of models. */
export function useModelColumns(onOpen: (model: Model) => void): Column<Model>[] {
  const t = useTranslations('adminModels');
  const column = useTranslations('adminModels.column');
  return [
    {
      id: 'model',
      header: column('model'),
      title: true,
      skeleton: '10rem',
      cell: (model) => (
        <RowLink onOpen={() => onOpen(model)}>
          <span className="flex max-w-80 items-center gap-1.5">
            <span className="truncate font-medium">{model.name}</span>
            {model.discovery && <Badge>{t('discovery.badge')}</Badge>}
          </span>
          <span className="block max-w-80 truncate font-mono text-xs text-faint">{model.id}</span>
        </RowLink>
      ),
    },
    {
      id: 'ready',
      header: column('ready'),
      width: '9rem',
      skeleton: '5rem',
      cell: (model) => <Readiness model={model} />,
    },
    {
      id: 'tiers',
      header: column('tiers'),
      from: 'medium',
      skeleton: '8rem',
      cell: ({ tiers }) =>
        tiers.length === 0 ? (
          <span className="text-warning">{t('noTiers')}</span>
        ) : (
          <span className="flex max-w-72 flex-wrap gap-1" title={tiers.join(', ')}>
            {tiers.slice(0, 3).map((tier) => (
              <Badge key={tier}>{tier}</Badge>
            ))}
            {tiers.length > 3 && <Badge>{t('moreTiers', { count: tiers.length - 3 })}</Badge>}
          </span>
        ),
    },
    {
      id: 'backends',
      header: column('backends'),
      width: '8rem',
      align: 'end',
      skeleton: '3rem',
      cell: ({ backends }) => (
        <span className="tabular-nums">{t('backendsUp', { up: backendsUp(backends), total: backends.length })}</span>
      ),
    },
    {
      id: 'inFlight',
      header: column('inFlight'),
      width: '6rem',
      align: 'end',
      from: 'medium',
      skeleton: '2rem',
      cell: ({ backends }) => <NumberText value={inFlight(backends)} />,
    },
    {
      id: 'changed',
      header: column('changed'),
      width: '9rem',
      from: 'wide',
      skeleton: '5rem',
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} focusable={false} />,
    },
  ];
}

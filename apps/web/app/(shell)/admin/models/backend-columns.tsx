'use client';

import { KeyRound, Pencil, Play, PlugZap, Power, Trash2 } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Backend } from '@maas/contracts/models';
import { Badge, type Tone } from '@/components/badge';
import type { Column } from '@/components/data-table';
import { RowMenu } from '@/components/menu';
import { NumberText } from '@/components/number-text';
import { RelativeTime } from '@/components/relative-time';
import { StatusChip } from '@/components/status-chip';
import { backendCondition } from './backend-state';

interface BackendActions {
  /** Kept here, not in the cluster. */
  isOurs: boolean;
  onEdit: (backend: Backend) => void;
  onTest: (backend: Backend) => void;
  onDelete: (backend: Backend) => void;
  onSwitch: (backend: Backend, enabled: boolean) => void;
}

/** The columns of the list of a model's backends. */
export function useBackendColumns(actions: BackendActions): Column<Backend>[] {
  const t = useTranslations('adminModels.backends');
  const column = useTranslations('adminModels.backends.column');
  return [
    { id: 'url', header: column('url'), title: true, cell: (backend) => <Address backend={backend} /> },
    { id: 'state', header: column('state'), width: '9rem', cell: (backend) => <Condition backend={backend} /> },
    {
      id: 'weight',
      header: column('weight'),
      width: '5.5rem',
      align: 'end',
      cell: ({ weight }) => <NumberText value={weight} />,
    },
    {
      id: 'inFlight',
      header: column('inFlight'),
      width: '6rem',
      align: 'end',
      cell: ({ health }) => <NumberText value={health.outstanding} />,
    },
    {
      id: 'failure',
      header: column('failure'),
      width: '10rem',
      from: 'medium',
      cell: ({ health }) =>
        health.lastError === undefined ? (
          <span className="text-faint">{t('noFailure')}</span>
        ) : (
          <code className="font-mono text-xs">{health.lastError}</code>
        ),
    },
    {
      id: 'since',
      header: column('since'),
      width: '8.5rem',
      from: 'wide',
      cell: ({ health }) => <RelativeTime at={health.since} focusable={false} />,
    },
    {
      id: 'menu',
      header: column('menu'),
      headerHidden: true,
      width: '3.5rem',
      align: 'end',
      cell: (backend) => <BackendMenu backend={backend} {...actions} />,
    },
  ];
}

function Address({ backend }: { backend: Backend }) {
  const t = useTranslations('adminModels.backends');
  const { url, upstreamModel, hasCredential, bundled } = backend;
  return (
    <div className="min-w-0 py-0.5">
      <p className="font-mono text-xs wrap-anywhere">{url}</p>
      <p className="mt-1 flex flex-wrap items-center gap-1.5 text-xs text-faint empty:hidden">
        {upstreamModel !== null && <span className="wrap-anywhere">{t('as', { name: upstreamModel })}</span>}
        {bundled && <Badge>{t('bundled')}</Badge>}
        {hasCredential && (
          <span className="inline-flex items-center gap-1">
            <KeyRound aria-hidden className="size-3" />
            {t('hasCredential')}
          </span>
        )}
      </p>
    </div>
  );
}

const tones: Record<ReturnType<typeof backendCondition>, Tone> = {
  up: 'success',
  down: 'danger',
  trying: 'warning',
  draining: 'warning',
  disabled: 'neutral',
};

function Condition({ backend }: { backend: Backend }) {
  const t = useTranslations('adminModels.backends.condition');
  const condition = backendCondition(backend);
  return <StatusChip tone={tones[condition]}>{t(condition)}</StatusChip>;
}

function BackendMenu({ backend, isOurs, ...actions }: { backend: Backend } & BackendActions) {
  const t = useTranslations('adminModels.backends');
  const { enabled } = backend;
  const test = { label: t('test'), icon: <PlugZap />, onSelect: () => actions.onTest(backend) };
  if (!isOurs) return <RowMenu label={t('rowMenu', { url: backend.url })} entries={[test]} />;
  return (
    <RowMenu
      label={t('rowMenu', { url: backend.url })}
      entries={[
        test,
        { label: t('edit'), icon: <Pencil />, onSelect: () => actions.onEdit(backend) },
        {
          label: t(enabled ? (backend.health.outstanding > 0 ? 'drain' : 'disable') : 'enable'),
          icon: enabled ? <Power /> : <Play />,
          onSelect: () => actions.onSwitch(backend, !enabled),
        },
        'separator',
        { label: t('delete'), icon: <Trash2 />, danger: true, onSelect: () => actions.onDelete(backend) },
      ]}
    />
  );
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { PreviewTier, PreviewTiers, TierPreview } from '@maas/contracts/tier-insight';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { useOpening } from '@/lib/opening';
import { withoutPrevious } from '@/lib/query-client';
import { TierImpact } from './tier-impact';

interface ImpactDialogProps {
  open: boolean;
  /** The tier that is changed; absent: a new one, or the order of all of them. */
  of?: string;
  /** What is thought of; null: nothing is asked. */
  thought: PreviewTier | PreviewTiers | null;
  title: string;
  action: string;
  danger?: boolean;
  /** The last word before it is done; absent: when it takes effect. */
  last?: string;
  /** Said, instead of doing it, while somebody has the tier by an override. */
  refusedWhenOverridden?: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Shows what a change of the tiers would do to people, before it is made. */
export default function ImpactDialog({ danger = false, ...props }: ImpactDialogProps) {
  const { of, thought, last, refusedWhenOverridden } = props;
  const t = useTranslations('adminTiers.confirm');
  const { value: shown, round } = useOpening(props.open, thought);
  const path = of === undefined ? '/admin/tiers/preview' : `/admin/tiers/${of}/preview`;
  const { data, error } = useQuery({
    // People may have come and gone since another opening.
    queryKey: ['/admin/tier-preview', path, shown, round],
    queryFn: ({ signal }) => api.post<TierPreview>(path, { body: shown, signal }),
    enabled: props.open && thought !== null,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  const refused = refusedWhenOverridden !== undefined && data !== undefined && data.overridden > 0;
  return (
    <ConfirmDialog
      open={props.open}
      onOpenChange={(stays) => !stays && props.onClose()}
      title={props.title}
      action={props.action}
      danger={danger}
      loading={data === undefined || refused}
      onConfirm={props.onConfirm}
    >
      {error ? <InlineError error={error} /> : <TierImpact preview={data} />}
      {refused && <p>{refusedWhenOverridden}</p>}
      <p>{last ?? t('soon')}</p>
    </ConfirmDialog>
  );
}

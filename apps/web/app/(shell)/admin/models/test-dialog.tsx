'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { BackendTest } from '@maas/contracts/backends';
import type { Backend, Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { InlineError } from '@/components/inline-error';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { useOpening } from '@/lib/opening';
import { withoutPrevious } from '@/lib/query-client';
import { modelPath } from './model-query';
import { TestResult } from './test-result';

interface TestDialogProps {
  open: boolean;
  model: Model;
  backend: Backend | null;
  onClose: () => void;
}

/** Tries a backend as it is saved. */
export default function TestDialog({ open, model, backend, onClose }: TestDialogProps) {
  const t = useTranslations('adminModels.test');
  const { value: shown, round } = useOpening(open, backend);
  const { data, error, isFetching, refetch } = useQuery({
    // What another opening found is no answer to this one.
    queryKey: ['/admin/models', 'test', shown?.id, round],
    queryFn: ({ signal }) =>
      api.post<BackendTest>(`${modelPath(model.id)}/backends/${shown?.id ?? ''}/test`, { signal }),
    enabled: open && shown !== null,
    ...withoutPrevious,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={t('title')}
      description={<span className="font-mono text-xs wrap-anywhere">{shown?.url}</span>}
      footer={
        <>
          <Button pending={isFetching} onClick={() => void refetch()}>
            {t('again')}
          </Button>
          <Button variant="primary" onClick={onClose}>
            {t('close')}
          </Button>
        </>
      }
    >
      <div aria-live="polite" className="min-h-16">
        {isFetching ? (
          <>
            <p className="sr-only">{t('running')}</p>
            <Skeleton className="h-16" />
          </>
        ) : error ? (
          <InlineError error={error} />
        ) : (
          data && <TestResult result={data} />
        )}
      </div>
    </Dialog>
  );
}

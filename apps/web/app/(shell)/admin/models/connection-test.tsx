'use client';

import { PlugZap } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BackendTest } from '@maas/contracts/backends';
import type { Backend, CreateBackend, Model, TestBackend } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { useSubmit } from '@/lib/submit';
import { modelPath } from './model-query';
import { TestResult } from './test-result';

interface ConnectionTestProps {
  model: Model;
  backend: Backend | null;
  /** What the form holds at the moment. */
  values: CreateBackend;
  /** Whether what is to be tried is well-formed; shows what is wrong where it is not. */
  valid: () => Promise<boolean>;
}

/** Tries what is entered, before it is saved. The credential that is saved is used only where it is: at its own address. */
export function ConnectionTest({ model, backend, values, valid }: ConnectionTestProps) {
  const t = useTranslations('adminModels.test');
  const [tested, setTested] = useState<{ what: string; result: BackendTest }>();
  const { pending, error, submit } = useSubmit();
  const { url, credential, upstreamModel } = values;
  const what = JSON.stringify([url, credential, upstreamModel]);
  const asSaved = backend !== null && url === backend.url && credential === undefined;
  const test = async () => {
    setTested(undefined);
    if (!(await valid())) return;
    await submit(async () => {
      const body: TestBackend = {
        url,
        upstreamModel: upstreamModel ?? model.id,
        ...(credential !== undefined && { credential }),
      };
      const result = asSaved
        ? await api.post<BackendTest>(`${modelPath(model.id)}/backends/${backend.id}/test`)
        : await api.post<BackendTest>('/admin/backends/test', { body });
      setTested({ what, result });
    });
  };
  const withoutSaved = !asSaved && backend?.hasCredential === true && credential === undefined;
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-4">
      <div className="flex flex-wrap items-center gap-3">
        <Button pending={pending} onClick={() => void test()}>
          <PlugZap aria-hidden />
          {t('action')}
        </Button>
        {withoutSaved && <p className="min-w-0 flex-1 text-xs text-muted">{t('withoutSaved')}</p>}
      </div>
      <div aria-live="polite" className="empty:hidden">
        {error !== undefined && <InlineError error={error} />}
        {/* What was tried is said of nothing else. */}
        {tested?.what === what && <TestResult result={tested.result} />}
      </div>
    </div>
  );
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RequestRow } from '@maas/contracts/requests';
import type { Token } from '@maas/contracts/tokens';
import { ButtonLink } from '@/components/button';
import { Card } from '@/components/card';
import { CodeBlock } from '@/components/code-block';
import { IconButton } from '@/components/icon-button';
import { api } from '@/lib/api';
import type { Page } from '@/lib/cursor-list';
import { firstModelQuery } from '@/lib/models';
import { setPreferences } from '@/lib/preferences';
import { snippets } from '@/lib/snippets';
import { Step } from './step';

/** The steps, with what is done of them. */
export default function FirstCallSteps({ call }: { call: RequestRow | undefined }) {
  const t = useTranslations('home.checklist');
  const tokens = useQuery({
    queryKey: ['/tokens', { status: 'active', limit: 1 }],
    queryFn: ({ signal }) => api.get<Page<Token>>('/tokens', { query: { status: 'active', limit: 1 }, signal }),
  });
  const model = useQuery(firstModelQuery);
  const hasToken = call !== undefined || (tokens.data?.data.length ?? 0) > 0;
  return (
    <Card
      title={t(call ? 'doneTitle' : 'title')}
      description={call ? undefined : t('lead')}
      aside={
        <IconButton
          className="-me-1.5 -mt-1"
          label={t('dismiss')}
          onClick={() => setPreferences({ firstCallDone: true })}
        >
          <X />
        </IconButton>
      }
    >
      <ol className="flex flex-col">
        <Step done={hasToken} title={t('token')} hint={t('tokenHint')}>
          {!hasToken && (
            <ButtonLink href="/tokens?create=true" variant="primary">
              {t('tokenAction')}
            </ButtonLink>
          )}
        </Step>
        <Step done={call !== undefined} title={t('call')} hint={model.data === null ? t('noModel') : t('callHint')}>
          {call === undefined && model.data && (
            <CodeBlock
              label={t('callLabel')}
              codes={snippets({ origin: location.origin, model: model.data.id, stream: true })}
            />
          )}
        </Step>
        <Step
          done={call !== undefined}
          title={t('seen')}
          hint={call ? t('done', { model: call.model, tokens: call.totalTokens }) : t('seenHint')}
          waiting={call === undefined && hasToken ? t('waiting') : undefined}
        />
      </ol>
    </Card>
  );
}

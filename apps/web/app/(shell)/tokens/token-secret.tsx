'use client';

import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { CreatedToken } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { CodeBlock } from '@/components/code-block';
import { CopyButton } from '@/components/copy-button';
import { download } from '@/lib/download';
import { firstModelQuery } from '@/lib/models';
import { environment, snippets } from '@/lib/snippets';
import { useAbsoluteTime } from '@/lib/time';

/** The secret, in every form in which it can be taken along. */
export function TokenSecret({ created }: { created: CreatedToken }) {
  const t = useTranslations('tokens');
  const absolute = useAbsoluteTime();
  const model = useQuery(firstModelQuery);
  const field = useRef<HTMLTextAreaElement>(null);
  const secret = created.token;
  // The form that had the focus is gone. What takes it is read out, and selected.
  useEffect(() => field.current?.focus(), []);
  const { origin } = location;
  const fileName = `${created.name?.replaceAll(/[^\w.-]+/g, '-') ?? 'maas'}.env`;
  return (
    <div className="flex flex-col gap-4">
      <div>
        <textarea
          ref={field}
          readOnly
          aria-label={t('secretDialog.secret')}
          value={secret}
          rows={5}
          spellCheck={false}
          onFocus={() => field.current?.select()}
          className="field-sizing-content block w-full resize-none rounded-lg border border-line-strong bg-sunken p-3 font-mono text-xs break-all"
        />
        <p className="mt-1.5 text-xs text-muted">
          {t('secretDialog.expires', {
            name: created.name ?? t('unnamed'),
            time: absolute(new Date(created.expiresAt * 1000)),
          })}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <CopyButton wide value={secret} label={t('secretDialog.copy')} />
        <Button onClick={() => download(fileName, environment({ origin, secret }))}>
          <Download aria-hidden />
          {t('secretDialog.download')}
        </Button>
      </div>
      {model.data && (
        <div>
          <h3 className="mb-2 text-sm font-medium">{t('secretDialog.try')}</h3>
          <CodeBlock
            label={t('secretDialog.tryLabel')}
            codes={snippets({ origin, secret, model: model.data.id, stream: true })}
          />
        </div>
      )}
    </div>
  );
}

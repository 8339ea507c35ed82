'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { Discovery } from '@maas/contracts/cluster';
import type { Model } from '@maas/contracts/models';
import { Badge } from '@/components/badge';
import { Card } from '@/components/card';
import { FactList } from '@/components/fact-list';
import { NumberText } from '@/components/number-text';
import { RelativeTime } from '@/components/relative-time';
import { Readiness } from './readiness';

/** What is known of a model, beside its backends. */
export function ModelFacts({ model }: { model: Model }) {
  const t = useTranslations('adminModels.facts');
  const none = <span className="text-faint">{t('none')}</span>;
  const number = (value: number | null) => (value === null ? none : <NumberText value={value} exact unit={t('tokens')} />); // prettier-ignore
  return (
    <Card
      title={t('title')}
      aside={
        <span className="flex gap-4 text-sm [&_a]:text-accent [&_a]:hover:underline">
          <Link href={`/admin/usage?model=${encodeURIComponent(model.id)}`}>{t('usage')}</Link>
          <Link href={`/admin/audit?search=${encodeURIComponent(model.id)}&range=all`}>{t('audit')}</Link>
        </span>
      }
    >
      {model.description !== null && (
        <p className="mb-4 max-w-prose text-sm wrap-anywhere text-muted">{model.description}</p>
      )}
      <FactList
        facts={[
          { label: t('ready'), value: <Readiness model={model} /> },
          ...(model.discovery ? [{ label: t('discovery'), value: <Found discovery={model.discovery} /> }] : []),
          { label: t('tiers'), value: <Chips values={model.tiers} none={t('noTiers')} /> },
          { label: t('contextWindow'), value: number(model.contextWindow) },
          { label: t('maxOutputTokens'), value: number(model.maxOutputTokens) },
          { label: t('capabilities'), value: <Chips values={model.capabilities} none={t('none')} /> },
          { label: t('sessionAffinity'), value: t(`sessionAffinityChoice.${model.sessionAffinity}`) },
          { label: t('ownedBy'), value: model.ownedBy },
          { label: t('created'), value: <RelativeTime at={model.createdAt} /> },
          { label: t('changed'), value: <RelativeTime at={model.updatedAt} /> },
        ]}
      />
    </Card>
  );
}

/** The object of the cluster, and what there is to say of it. */
function Found({ discovery: { kind, namespace, name, note } }: { discovery: Discovery }) {
  return (
    <>
      <span className="font-mono text-xs wrap-anywhere">{`${kind} ${namespace}/${name}`}</span>
      {note !== null && <span className="block text-sm wrap-anywhere text-warning">{note}</span>}
    </>
  );
}

function Chips({ values, none }: { values: readonly string[]; none: string }) {
  if (values.length === 0) return <span className="text-faint">{none}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {values.map((value) => (
        <Badge key={value}>{value}</Badge>
      ))}
    </span>
  );
}

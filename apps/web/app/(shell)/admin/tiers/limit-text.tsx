'use client';

import { useTranslations } from 'use-intl';
import { NumberText } from '@/components/number-text';

/** A limit of a tier; null is unlimited. */
export function LimitText({ value }: { value: number | null }) {
  const t = useTranslations('adminTiers');
  return value === null ? <span className="text-muted">{t('unlimited')}</span> : <NumberText value={value} />;
}

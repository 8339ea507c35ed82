'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Sheet } from '@/components/sheet';

/** The parameters where there is no room for them beside the conversation. */
export default function ParameterSheet(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}) {
  const t = useTranslations('playground');
  return (
    <Sheet open={props.open} onOpenChange={props.onOpenChange} title={t('parameters')}>
      <div className="flex flex-col gap-4">{props.children}</div>
    </Sheet>
  );
}

'use client';

import { useTranslations } from 'use-intl';
import { Sheet } from '../sheet';
import { Navigation } from './navigation';

/** The navigation of a narrow window. */
export default function NavigationSheet(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations();
  return (
    <Sheet {...props} side="start" width="sm" title={t('brand')}>
      <div className="-mx-5 flex h-full flex-col">
        <Navigation onLeave={() => props.onOpenChange(false)} />
      </div>
    </Sheet>
  );
}

'use client';

import dynamic from 'next/dynamic';
import { useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { ButtonLink } from '@/components/button';

const SetupForm = dynamic(() => import('./setup-form'), { ssr: false });

/** Makes the first administrator, by the link that a fresh installation prints. */
export function SetupView() {
  const t = useTranslations('setup');
  // The secret is in the fragment, which browsers send to nobody. It is not known where the page is built.
  const secret = useSyncExternalStore(
    onHash,
    () => location.hash.slice(1),
    () => undefined,
  );
  if (secret === undefined) return null;
  return (
    <>
      <h1 className="text-center text-xl font-semibold">{t(secret === '' ? 'incompleteTitle' : 'heading')}</h1>
      <p className="mt-1 mb-6 max-w-sm text-center text-sm text-balance text-muted">
        {t(secret === '' ? 'incomplete' : 'lead')}
      </p>
      {secret === '' ? (
        <ButtonLink href="/sign-in">{t('signIn')}</ButtonLink>
      ) : (
        <SetupForm key={secret} secret={secret} />
      )}
    </>
  );
}

function onHash(listener: () => void) {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

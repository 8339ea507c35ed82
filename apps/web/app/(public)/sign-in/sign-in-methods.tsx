'use client';

import { KeyRound, UserRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { SignInKind, SignInMethod, SignInOptions } from '@maas/contracts/sessions';
import { Button, buttonClass } from '@/components/button';
import { classNames } from '@/lib/class-names';
import { KubernetesForm } from './kubernetes-form';
import { LocalForm } from './local-form';

type Form = Extract<SignInKind, 'local' | 'kubernetes'>;

/** The company's way first. A form of our own is open at once where it is the only way. */
export function SignInMethods({ options, returnTo }: { options: SignInOptions; returnTo: string }) {
  const t = useTranslations('signIn');
  const redirects = options.methods.filter((method) => method.url !== undefined);
  const forms = (['local', 'kubernetes'] as const).filter((kind) =>
    options.methods.some((method) => method.kind === kind),
  );
  const [chosen, setChosen] = useState<Form | undefined>(redirects.length === 0 ? forms[0] : undefined);
  const others = forms.filter((kind) => kind !== chosen);
  const leave = () => location.replace(returnTo);

  if (options.methods.length === 0) return <p className="text-sm text-muted">{t('noMethods')}</p>;
  return (
    <div className="flex flex-col gap-3">
      {redirects.map((method, index) => (
        <Redirect key={method.kind} method={method} returnTo={returnTo} first={index === 0} />
      ))}
      {redirects.length > 0 && <Or />}
      {chosen === 'local' && <LocalForm accounts={options.demoAccounts} onSignedIn={leave} />}
      {chosen === 'kubernetes' && <KubernetesForm onSignedIn={leave} />}
      {chosen !== undefined && others.length > 0 && redirects.length === 0 && <Or />}
      {others.map((kind) => (
        <Button key={kind} size="lg" onClick={() => setChosen(kind)}>
          {kind === 'local' ? <UserRound aria-hidden /> : <KeyRound aria-hidden />}
          {t(kind)}
        </Button>
      ))}
    </div>
  );
}

function Redirect({ method, returnTo, first }: { method: SignInMethod; returnTo: string; first: boolean }) {
  const href = `${method.url ?? ''}?returnTo=${encodeURIComponent(returnTo)}`;
  return (
    <a href={href} className={classNames(buttonClass(first ? 'primary' : 'secondary', 'lg'))}>
      {method.label}
    </a>
  );
}

function Or() {
  const t = useTranslations('signIn');
  return (
    <div className="flex items-center gap-3 py-1 text-xs text-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {t('or')}
    </div>
  );
}

'use client';

import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Input } from './input';
import { iconButtonClass } from './icon-button';
import { classNames } from '@/lib/class-names';

/** A secret that is typed or pasted, with a way to look at it (WCAG 3.3.8: pasting and password managers work). */
export function PasswordInput(props: Omit<ComponentProps<typeof Input>, 'type'>) {
  const t = useTranslations('signIn');
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <Input {...props} type={shown ? 'text' : 'password'} className="pe-10" />
      <button
        type="button"
        aria-label={t(shown ? 'hidePassword' : 'showPassword')}
        onClick={() => setShown(!shown)}
        className={classNames(iconButtonClass, 'absolute end-1 top-1/2 size-6 -translate-y-1/2')}
      >
        {shown ? <EyeOff /> : <Eye />}
      </button>
    </div>
  );
}

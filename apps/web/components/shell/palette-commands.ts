'use client';

import { BookOpen, Link as LinkIcon, LogOut, type LucideIcon, Monitor, Moon, Plus, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { copyText } from '@/lib/copy';
import { adminPages, settingsPage, userPages } from '@/lib/navigation';
import { notify, notifyError } from '@/lib/notify';
import { signOut, useSession } from '@/lib/session';

export interface PaletteCommand {
  id: string;
  name: string;
  icon: LucideIcon;
  keywords?: string[];
  run: () => void;
}

/** What the palette offers, in groups. */
export function usePaletteCommands(): { title: string; commands: PaletteCommand[] }[] {
  const t = useTranslations();
  const router = useRouter();
  const { role } = useSession();
  const actions = useActions();
  const goTo = (pages: typeof userPages): PaletteCommand[] =>
    pages.map(({ href, name, icon }) => ({
      id: href,
      name: t(`navigation.${name}`),
      icon,
      run: () => router.push(href),
    }));
  return [
    { title: t('palette.actions'), commands: actions },
    { title: t('palette.goTo'), commands: goTo([...userPages, settingsPage]) },
    ...(role === 'admin' ? [{ title: t('shell.administration'), commands: goTo(adminPages) }] : []),
    { title: t('theme.label'), commands: useThemes() },
  ];
}

function useActions(): PaletteCommand[] {
  const t = useTranslations();
  const router = useRouter();
  const copyBaseUrl = async () => {
    if (await copyText(`${location.origin}/v1`)) await notify(t('palette.baseUrlCopied'), `${location.origin}/v1`);
  };
  return [
    { id: 'create-token', name: t('tokens.create'), icon: Plus, run: () => router.push('/tokens?create=true') },
    {
      id: 'base-url',
      name: t('palette.copyBaseUrl'),
      icon: LinkIcon,
      keywords: ['endpoint'],
      run: () => void copyBaseUrl(),
    },
    { id: 'docs', name: t('navigation.docs'), icon: BookOpen, run: () => location.assign('/docs') },
    {
      id: 'sign-out',
      name: t('action.signOut'),
      icon: LogOut,
      run: () => void signOut().catch((error: unknown) => notifyError(error, t('error.copyRequest'))),
    },
  ];
}

function useThemes(): PaletteCommand[] {
  const t = useTranslations('theme');
  const { setTheme } = useTheme();
  const themes = { system: Monitor, light: Sun, dark: Moon } as const;
  return (['system', 'light', 'dark'] as const).map((theme) => ({
    id: `theme-${theme}`,
    name: t(`use.${theme}`),
    icon: themes[theme],
    run: () => setTheme(theme),
  }));
}

'use client';

import { Keyboard, LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useTranslations } from 'use-intl';
import { notifyError } from '@/lib/notify';
import { signOut, useSession } from '@/lib/session';
import { Menu, type MenuEntry } from '../menu';

/** The person: who, theme, settings, sign out. */
export function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useTranslations();
  const me = useSession();
  const { theme = 'system', setTheme } = useTheme();
  const entries: MenuEntry[] = [
    {
      heading: t('theme.label'),
      value: theme,
      onChoose: setTheme,
      choices: [
        { value: 'system', label: t('theme.system'), icon: <Monitor /> },
        { value: 'light', label: t('theme.light'), icon: <Sun /> },
        { value: 'dark', label: t('theme.dark'), icon: <Moon /> },
      ],
    },
    'separator',
    { label: t('navigation.settings'), icon: <Settings />, href: '/settings' },
    { label: t('shortcuts.title'), icon: <Keyboard />, onSelect: onShortcuts },
    'separator',
    {
      label: t('action.signOut'),
      icon: <LogOut />,
      onSelect: () => void signOut().catch((error: unknown) => notifyError(error, t('error.copyRequest'))),
    },
  ];
  return (
    <Menu
      label={t('shell.account', { name: me.username })}
      entries={entries}
      className="grid size-8 shrink-0 cursor-pointer place-items-center rounded-full bg-ink text-xs font-semibold text-inverse uppercase transition-opacity hover:opacity-85 max-sm:size-9"
      head={
        <>
          <p className="truncate font-medium">{me.username}</p>
          <p className="truncate text-xs text-muted">{me.email ?? t(`provider.${me.provider}`)}</p>
        </>
      }
    >
      {initials(me.username)}
    </Menu>
  );
}

/** At most two letters, of the first two words of a name. */
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return (
    words
      .slice(0, 2)
      .map((word) => word.slice(0, 1))
      .join('') || '?'
  );
}

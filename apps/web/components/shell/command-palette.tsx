'use client';

import { Command } from 'cmdk';
import { Search, UserSearch } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useSession } from '@/lib/session';
import { backdropClass } from '../dialog';
import { usePaletteCommands } from './palette-commands';

/** Go anywhere and do the usual, by writing a part of its name. */
export default function CommandPalette({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('palette');
  const groups = usePaletteCommands();
  const { role } = useSession();
  const router = useRouter();
  const [text, setText] = useState('');
  const wanted = text.trim();
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange} onOpenChangeComplete={(isOpen) => !isOpen && setText('')}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Popup
          aria-label={t('title')}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl bg-raised shadow-popup outline-none"
        >
          <Command label={t('title')} loop>
            <div className="flex items-center gap-3 border-b border-line px-4">
              <Search aria-hidden className="size-4 shrink-0 text-faint" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={t('placeholder')}
                className="h-12 w-full bg-transparent text-base outline-none placeholder:text-faint max-sm:text-lg"
              />
            </div>
            <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5 outline-none">
              <Command.Empty className="px-3 py-8 text-center text-sm text-muted">{t('empty')}</Command.Empty>
              {groups.map(({ title, commands }) => (
                <Command.Group key={title} heading={title} className={groupClass}>
                  {commands.map(({ id, name, icon: Icon, keywords, run }) => (
                    <Command.Item
                      key={id}
                      value={`${title} ${name}`}
                      {...(keywords !== undefined && { keywords })}
                      onSelect={() => (onOpenChange(false), run())}
                      className={itemClass}
                    >
                      <Icon aria-hidden className="size-4 text-muted" />
                      {name}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
              {role === 'admin' && wanted !== '' && (
                <Command.Item
                  forceMount
                  value={`user ${wanted}`}
                  onSelect={() => {
                    onOpenChange(false);
                    router.push(`/admin/users?search=${encodeURIComponent(wanted)}`);
                  }}
                  className={itemClass}
                >
                  <UserSearch aria-hidden className="size-4 text-muted" />
                  {t('findUser', { text: wanted })}
                </Command.Item>
              )}
            </Command.List>
          </Command>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

const itemClass =
  'flex h-9 cursor-default items-center gap-3 rounded-md px-3 text-sm select-none data-[selected=true]:bg-selected max-sm:h-11';
const groupClass =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint';

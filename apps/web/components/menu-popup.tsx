'use client';

import { Menu as BaseMenu } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode, RefObject } from 'react';
import { classNames } from '@/lib/class-names';
import { choiceClass, popupClass } from './control-class';
import type { MenuChoices, MenuEntry } from './menu-entry';

interface MenuPopupProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  button: RefObject<HTMLButtonElement | null>;
  label: string;
  entries: readonly MenuEntry[];
  head: ReactNode;
}

/** The list of a `Menu`. */
export default function MenuPopup({ open, onOpenChange, button, label, entries, head }: MenuPopupProps) {
  return (
    <BaseMenu.Root
      open={open}
      modal={false}
      onOpenChange={(next, { event, cancel }) => {
        // A press of the button itself is the button's to answer.
        if (!next && event.target instanceof Node && event.type !== 'keydown' && button.current?.contains(event.target))
          cancel();
        else onOpenChange(next);
      }}
    >
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          anchor={button}
          sideOffset={4}
          align="end"
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <BaseMenu.Popup aria-label={label} finalFocus={button} className={classNames(popupClass, 'min-w-44')}>
            {head !== undefined && <div className="max-w-60 px-2 pt-1.5 pb-2">{head}</div>}
            {head !== undefined && <Separator />}
            {entries.map((entry, index) => (
              <Entry key={entry === 'separator' ? `separator-${index}` : nameOf(entry)} entry={entry} />
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

function nameOf(entry: Exclude<MenuEntry, 'separator'>): string {
  return 'heading' in entry ? entry.heading : entry.label;
}

function Entry({ entry }: { entry: MenuEntry }) {
  if (entry === 'separator') return <Separator />;
  if ('choices' in entry) return <Choices {...entry} />;
  if ('href' in entry) {
    return (
      <BaseMenu.LinkItem render={<Link href={entry.href} />} closeOnClick className={entryClass}>
        {entry.icon}
        {entry.label}
      </BaseMenu.LinkItem>
    );
  }
  return (
    <BaseMenu.Item
      disabled={entry.disabled ?? false}
      onClick={entry.onSelect}
      className={entry.danger ? classNames(choiceClass, 'text-danger') : entryClass}
    >
      {entry.icon}
      {entry.label}
    </BaseMenu.Item>
  );
}

function Choices({ heading, value, choices, onChoose }: MenuChoices) {
  return (
    <BaseMenu.Group>
      <BaseMenu.GroupLabel className="px-2 pt-1.5 pb-1 text-xs text-faint">{heading}</BaseMenu.GroupLabel>
      <BaseMenu.RadioGroup value={value} onValueChange={(chosen: string) => onChoose(chosen)}>
        {choices.map((choice) => (
          <BaseMenu.RadioItem key={choice.value} value={choice.value} className={entryClass}>
            {choice.icon}
            <span className="flex-1">{choice.label}</span>
            <BaseMenu.RadioItemIndicator>
              <Check aria-hidden />
            </BaseMenu.RadioItemIndicator>
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.RadioGroup>
    </BaseMenu.Group>
  );
}

function Separator() {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}

const entryClass = classNames(choiceClass, '[&_svg]:text-muted');

'use client';

import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { Tier } from '@maas/contracts/tiers';
import { iconButtonClass } from '@/components/icon-button';
import { classNames } from '@/lib/class-names';
import type { TierOrder } from './tier-order';

/** Moves a tier up or down. The focus stays on the button, which moves along with its row (WCAG 2.5.7: nothing to drag). */
export function OrderButtons({ tier, order }: { tier: Tier; order: TierOrder }) {
  const t = useTranslations('adminTiers.order');
  const place = order.tiers?.indexOf(tier) ?? 0;
  const last = (order.tiers?.length ?? 1) - 1;
  // The levels are the order, and a ConfigMap says what they are.
  const isFixed = order.tiers?.some(({ configMap }) => configMap !== null) ?? false;
  const pressed = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    pressed.current?.focus();
    pressed.current = null;
  });
  const button = (by: 1 | -1, Icon: typeof ChevronUp, name: string, end: boolean) => (
    <button
      type="button"
      aria-label={name}
      data-tooltip={name}
      aria-disabled={end || undefined}
      onClick={({ currentTarget }) => {
        if (end) return;
        pressed.current = currentTarget;
        order.move(tier, by);
      }}
      className={classNames(iconButtonClass, 'size-6! aria-disabled:cursor-default aria-disabled:opacity-35')}
    >
      <Icon aria-hidden />
    </button>
  );
  return (
    <span className="inline-flex items-center">
      <span className="w-5 text-faint tabular-nums">{place + 1}</span>
      {button(-1, ChevronUp, t('up', { name: tier.displayName }), isFixed || place === 0)}
      {button(1, ChevronDown, t('down', { name: tier.displayName }), isFixed || place === last)}
    </span>
  );
}

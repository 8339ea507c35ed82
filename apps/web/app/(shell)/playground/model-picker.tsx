'use client';

import { useTranslations } from 'use-intl';
import { LazyCombobox } from '@/components/lazy-combobox';
import { Select } from '@/components/select';
import type { useChosenModel } from './use-chosen-model';

/** More choices than that are found by writing a part of them. */
const MOST_IN_SIGHT = 15;

/** Chooses the model that is asked. One that is not open to the person stays chosen, so that the page can say so. */
export function ModelPicker({ chosen }: { chosen: ReturnType<typeof useChosenModel> }) {
  const t = useTranslations('playground');
  const { models = [], id, model } = chosen;
  const choices = models.map(({ id: value, name }) => ({ value, label: name, hint: value }));
  if (choices.length > MOST_IN_SIGHT) {
    return (
      <LazyCombobox
        choices={choices}
        value={id}
        onChange={(next) => next !== null && chosen.choose(next)}
        placeholder={t('chooseModel')}
      />
    );
  }
  const unknown = model || id === null ? [] : [{ value: id, label: id }];
  return <Select choices={[...unknown, ...choices]} value={id ?? ''} onChange={chosen.choose} />;
}

'use client';

import { useTranslations } from 'use-intl';
import { Banner } from '@/components/banner';
import { Field } from '@/components/field';
import { Input } from '@/components/input';
import { TextArea } from '@/components/text-area';
import { ModelPicker } from './model-picker';
import type { ParameterForm, readParameters } from './parameters';
import type { useChosenModel } from './use-chosen-model';

interface ParameterFieldsProps {
  chosen: ReturnType<typeof useChosenModel>;
  form: ParameterForm;
  problems: ReturnType<typeof readParameters>['problems'];
  onChange: (form: ParameterForm) => void;
}

/** Which model is asked, and how. What is left empty the model decides. */
export function ParameterFields({ chosen, form, problems, onChange }: ParameterFieldsProps) {
  const t = useTranslations('playground');
  const { models = [], id, model } = chosen;
  const set = (name: keyof ParameterForm) => (event: { target: { value: string } }) =>
    onChange({ ...form, [name]: event.target.value });
  const number = (name: 'temperature' | 'topP' | 'maxTokens', mode: 'decimal' | 'numeric') => (
    <Field
      label={t(`field.${name}`)}
      hint={t(`hint.${name}`)}
      error={problems[name] && t(`problem.${name}`)}
      className="min-w-0"
    >
      <Input value={form[name]} onChange={set(name)} inputMode={mode} autoComplete="off" placeholder={t('default')} />
    </Field>
  );
  return (
    <div className="flex flex-col gap-4">
      <Field label={t('model')}>
        <ModelPicker chosen={chosen} />
      </Field>
      {models.length > 0 && !model && <Banner kind="warning">{t('unknownModel', { id: id ?? '' })}</Banner>}
      {model && !model.ready && <Banner kind="warning">{t('notReady')}</Banner>}
      <Field label={t('field.system')} aside={t('optional')}>
        <TextArea value={form.system} onChange={set('system')} placeholder={t('systemPlaceholder')} />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        {number('temperature', 'decimal')}
        {number('topP', 'decimal')}
      </div>
      {number('maxTokens', 'numeric')}
      <Field label={t('field.stop')} hint={t('hint.stop')} error={problems.stop && t('problem.stop')}>
        <TextArea value={form.stop} onChange={set('stop')} rows={1} mono className="min-h-9!" spellCheck={false} />
      </Field>
    </div>
  );
}

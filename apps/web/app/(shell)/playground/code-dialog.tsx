'use client';

import { useTranslations } from 'use-intl';
import { CodeBlock } from '@/components/code-block';
import { Dialog } from '@/components/dialog';
import { environment, snippets } from '@/lib/snippets';
import { messagesOf, type Turn, upToLastQuestion } from './conversation';
import type { ChatParameters } from './stream-answer';

interface CodeDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  model: string;
  turns: readonly Turn[];
  draft: string;
  parameters: ChatParameters;
}

/** The code that asks the same: this model, these parameters, this conversation. */
export default function CodeDialog({ open, onOpenChange, model, turns, draft, parameters }: CodeDialogProps) {
  const t = useTranslations('playground');
  const { origin } = location;
  const asked =
    draft.trim() === ''
      ? messagesOf(upToLastQuestion(turns))
      : [...messagesOf(turns), { role: 'user' as const, content: draft }];
  const conversation = asked.length > 0 ? { messages: asked } : {};
  return (
    <Dialog open={open} onOpenChange={onOpenChange} width="lg" title={t('codeTitle')} description={t('codeLead')}>
      <CodeBlock
        label={t('codeTitle')}
        codes={[
          ...snippets({ origin, model, stream: true, ...parameters, ...conversation }),
          { id: 'env', label: '.env', code: environment({ origin }) },
        ]}
      />
    </Dialog>
  );
}

'use client';

import { useTranslations } from 'use-intl';
import { type ReactNode, useId, useRef, useState } from 'react';
import { Button } from './button';
import { Dialog } from './dialog';
import { Field } from './field';
import { Input } from './input';
import { InlineError } from './inline-error';

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A question that names the thing: `Revoke “ci-pipeline”?` */
  title: string;
  /** What will happen, counted where it can be. */
  children: ReactNode;
  /** The verb of the button: `Revoke`, never `OK`. */
  action: string;
  /** Does it. The dialog closes when it is done; an error is shown in the dialog. */
  onConfirm: () => Promise<unknown>;
  /** A word to be typed first, for what hits many or cannot be undone. */
  typed?: string;
  /** What is about to happen is not known yet. */
  loading?: boolean;
  danger?: boolean;
}

/** Asks before something is taken away. The focus starts on Cancel. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const t = useTranslations('confirm');
  const cancel = useRef<HTMLButtonElement>(null);
  const form = useId();
  const [text, setText] = useState('');
  const [state, setState] = useState<{ pending: boolean; error?: unknown }>({ pending: false });
  const ready =
    !props.loading && (props.typed === undefined || text.trim().toLowerCase() === props.typed.toLowerCase());

  const confirm = async () => {
    setState({ pending: true });
    try {
      await props.onConfirm();
      setState({ pending: false });
      props.onOpenChange(false);
    } catch (error) {
      setState({ pending: false, error });
    }
  };
  return (
    <Dialog
      role="alertdialog"
      width="sm"
      open={props.open}
      onOpenChange={props.onOpenChange}
      onClosed={() => (setText(''), setState({ pending: false }))}
      title={props.title}
      locked={state.pending}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={() => props.onOpenChange(false)} disabled={state.pending}>
            {t('cancel')}
          </Button>
          <Button
            type="submit"
            form={form}
            variant={props.danger === false ? 'primary' : 'danger'}
            pending={state.pending}
            disabled={!ready}
          >
            {props.action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => (event.preventDefault(), ready && !state.pending && void confirm())}
      >
        <div className="flex flex-col gap-2 text-sm text-muted [&_strong]:font-medium [&_strong]:text-ink">
          {props.children}
        </div>
        {props.typed !== undefined && (
          <Field label={t('type', { word: props.typed })}>
            <Input
              value={text}
              onChange={(event) => setText(event.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
        {state.error !== undefined && <InlineError error={state.error} />}
      </form>
    </Dialog>
  );
}

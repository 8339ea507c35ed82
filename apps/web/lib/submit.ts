import { useState } from 'react';

interface Submission {
  pending: boolean;
  /** What the last attempt ended with; gone when the next begins. */
  error: unknown;
  /** Does it once at a time. Resolves to whether it succeeded; never rejects. */
  submit: (act: () => Promise<unknown>) => Promise<boolean>;
  reset: () => void;
}

/**
 * An action of a form or dialog whose answer nobody else needs: what it returns and sends is kept nowhere, which matters
 * where it is a secret.
 */
export function useSubmit(): Submission {
  const [{ pending, error }, setState] = useState<{ pending: boolean; error?: unknown }>({ pending: false });
  const submit = async (act: () => Promise<unknown>) => {
    if (pending) return false;
    setState({ pending: true });
    try {
      await act();
      setState({ pending: false });
      return true;
    } catch (caught) {
      setState({ pending: false, error: caught });
      return false;
    }
  };
  return { pending, error, submit, reset: () => setState({ pending: false }) };
}

import type { FieldPath, FieldValues, UseFormSetError } from 'react-hook-form';
import { ApiError } from './api-error';
import { messageOf } from './message-of';

/**
 * Puts an error of the API to the field that it names, which gets the focus.
 * @returns the error where it is about no field of the form: for an `InlineError`
 */
export function formError<Values extends FieldValues>(
  form: { getValues: () => Values; setError: UseFormSetError<Values> },
  error: unknown,
): unknown {
  const field = error instanceof ApiError ? error.field : undefined;
  if (field === undefined || !(field in form.getValues())) return error;
  form.setError(field as FieldPath<Values>, { message: messageOf(error) }, { shouldFocus: true });
  return undefined;
}

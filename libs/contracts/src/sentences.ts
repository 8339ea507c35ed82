import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const formats: Record<string, string> = {
  uuid: 'a UUID',
  email: 'an e-mail address',
  url: 'a URL',
  datetime: 'an RFC 3339 instant such as 2026-01-31T00:00:00Z',
  date: 'a date such as 2026-01-31',
};

/**
 * Says in a sentence what is accepted where a schema has no message of its own; for zod's `customError`. The sentence
 * begins with "must", so that the field's name can stand before it.
 * @returns undefined when zod's own message is to be used
 */
export function sentenceOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
    case 'too_big':
      return sizeOf(issue);
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return formats[issue.format] === undefined ? undefined : `must be ${formats[issue.format]}`;
    case 'unrecognized_keys':
      return unknown(issue.keys);
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
      return undefined;
  }
}

function unknown(keys: readonly string[]): string {
  const are = keys.length === 1 ? 'is not a field' : 'are not fields';
  return `${keys.map((key) => JSON.stringify(key)).join(', ')} ${are} of this request; check the spelling`;
}

function sizeOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [bound, size] =
    issue.code === 'too_small'
      ? (['at least', Number(issue.minimum)] as const)
      : (['at most', Number(issue.maximum)] as const);
  if (issue.origin === 'string') {
    return bound === 'at least' && size === 1
      ? 'must not be empty'
      : `must have ${bound} ${counted(size, 'character')}`;
  }
  if (issue.origin === 'array' || issue.origin === 'set')
    return `must have ${bound} ${counted(size, 'entry', 'entries')}`;
  return `must be ${bound} ${size}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What somebody would have to be allowed in the cluster: `resourceAttributes` of a SubjectAccessReview. */
export interface AccessAttributes {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

const names = ['verb', 'resource', 'group', 'subresource', 'namespace', 'name'] as const;
const value = /^[A-Za-z0-9*][A-Za-z0-9._:*-]{0,252}$/;

/**
 * Reads `verb=update,group=example.com,resource=tiers,namespace=maas`.
 * @returns what is wrong with it, as the end of a sentence, where it cannot be read
 */
export function readAccessAttributes(text: string): AccessAttributes | string {
  const read: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [name = '', given = '', ...rest] = part.split('=').map((each) => each.trim());
    if (!(names as readonly string[]).includes(name)) return `has parts of the form name=value, names being ${names.join(', ')}`; // prettier-ignore
    if (rest.length > 0 || !value.test(given)) return `has a value for ${name} that cannot be one`;
    if (name in read) return `names ${name} twice`;
    read[name] = given;
  }
  const { verb, resource, ...others } = read;
  if (verb === undefined || resource === undefined) return 'names at least verb and resource';
  return { verb, resource, ...others };
}

import { parseDocument } from 'yaml';
import { z } from 'zod';
import { CreateTier } from '@maas/contracts/tiers';

/** The key of the ConfigMap that holds the document. */
export const KEY = 'tiers';

const MOST_TIERS = 500;
const { name, displayName, description, level, groups } = CreateTier.shape;
/** A key with nothing behind it, as YAML allows, is as if it were not there. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === null ? undefined : value), schema);
/** A block of YAML (`|` or `>`) ends with the end of a line, which is none of the name. */
const withoutLineEnd = (value: unknown) => (typeof value === 'string' ? value.replace(/\n+$/, '') : value);

const Document = z
  .array(
    z.strictObject({
      name,
      displayName: optional(z.preprocess(withoutLineEnd, displayName.optional())),
      description: optional(description),
      level: optional(level),
      groups: optional(groups),
    }),
  )
  .min(1, 'it names no tier')
  .max(MOST_TIERS);

/** What the document says of a tier. */
export interface MappedTier {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly level: number;
  readonly groups: readonly string[];
}

/**
 * Reads the document of `tier-to-group-mapping`: a YAML list of name, displayName, description, level and groups.
 * @param data of the ConfigMap
 * @returns its tiers, or why it is refused, as a whole
 */
export function readTierMapping(
  data: Readonly<Record<string, unknown>> | undefined,
): { tiers: MappedTier[] } | { problem: string } {
  const text = data?.[KEY];
  if (typeof text !== 'string') return { problem: `it has no key ${KEY} with a YAML list of tiers` };
  const yaml = parseDocument(text, { schema: 'core', uniqueKeys: true });
  const [fault] = [...yaml.errors, ...yaml.warnings];
  // What follows the first line quotes the document.
  if (fault) return { problem: `${KEY} is not valid YAML: ${fault.message.split('\n')[0]?.replace(/:$/, '')}` };
  const document = Document.safeParse(plain(yaml));
  if (!document.success) return { problem: `${KEY} is not as it must be: ${shown(document.error)}` };
  if (!isStorable(document.data)) return { problem: `${KEY} has a NUL, or half of a pair of surrogates, in a text` };
  const twice = document.data.find((tier, index, all) => all.findIndex((other) => other.name === tier.name) !== index);
  if (twice) return { problem: `${KEY} names the tier ${twice.name} twice` };
  const tiers = document.data.map((tier) => ({
    ...tier,
    displayName: tier.displayName ?? tier.name,
    groups: [...new Set(tier.groups)],
  }));
  return { tiers };
}

/** An alias that is resolved a hundred times over is an attack, which `toJS` refuses. */
function plain(yaml: ReturnType<typeof parseDocument>): unknown {
  try {
    return yaml.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

/** What PostgreSQL keeps in no text, or in no JSON; YAML can write both by escapes. */
function isStorable(data: unknown): boolean {
  const text = JSON.stringify(data, (_key, value: unknown) =>
    typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()) ? null : value,
  );
  return text === JSON.stringify(data);
}

/** Such as `tier 2, level: Invalid input: expected number, received string`. */
function shown({ issues }: z.ZodError): string {
  const [first] = issues;
  if (!first) return 'it is invalid';
  const [index, ...path] = first.path;
  const where = typeof index === 'number' ? `tier ${index + 1}${path.length > 0 ? `, ${path.join('.')}` : ''}: ` : '';
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return `${where}${first.message}${more}`;
}

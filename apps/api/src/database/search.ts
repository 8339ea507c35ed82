/** A filter of Prisma's for a part of a text, whatever the case. Prisma passes the wildcards of LIKE on, so they are escaped. */
export function containing(text: string): { contains: string; mode: 'insensitive' } {
  return { contains: text.replace(/[\\%_]/g, String.raw`\$&`), mode: 'insensitive' };
}

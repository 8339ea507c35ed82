import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '../../..');

const guideFile = join(repositoryRoot, 'docs/guide/self-service-model-access.md');
/** The guide that ours has to honour command by command; there where it was put beside the checkout. */
const originalFolder = join(repositoryRoot, '../shared/seed');

/** The contents of the fenced blocks of a language, in order, to the letter. */
export function blocksOf(markdown: string, language: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...markdown.matchAll(fenced)].map(([, block = '']) => block);
}

/** A block that shows how an option is written, rather than a command to run. */
export function isFragment(block: string): boolean {
  return optionLines(block).every((line) => line.startsWith('-'));
}

/** The lines of a block that are not comments. */
export function optionLines(block: string): string[] {
  return block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

export function readGuide(): string {
  return readFileSync(guideFile, 'utf8');
}

/** The original guide; undefined where it is not beside the checkout. */
export function readOriginal(): string | undefined {
  if (!existsSync(originalFolder)) return undefined;
  const files = readdirSync(originalFolder).filter((name) => name.endsWith('.txt'));
  const texts = files.map((name) => readFileSync(join(originalFolder, name), 'utf8'));
  return texts.find((text) => blocksOf(text, 'bash').length > 0);
}

import type { Metadata } from 'next';
import { createTranslator } from 'use-intl/core';
import messages from '../messages/en.json';

/** The title of a page, for its `metadata`: the catalogue's `title` of its namespace. */
export function pageTitle(key: Parameters<typeof translate>[0]): Metadata {
  return { title: translate(key) };
}

export const translate = createTranslator({ locale: 'en', messages });

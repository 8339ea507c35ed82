import { useEffect, useRef, useState } from 'react';

const SHOWN_MILLISECONDS = 2000;

/** Copies a text to the clipboard, and knows for two seconds that it did. */
export function useCopy(): { copied: boolean; copy: (text: string) => Promise<void> } {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (text: string) => {
    await writeText(text);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), SHOWN_MILLISECONDS);
  };
  return { copied, copy };
}

/** Browsers give the clipboard's API to https and localhost only; elsewhere a selection is copied. */
async function writeText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  // Inside an open dialog, which keeps the focus to itself.
  const place = document.activeElement?.parentElement ?? document.body;
  place.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

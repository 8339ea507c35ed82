'use client';

import { cloneElement, type ReactElement, useEffect, useId, useRef, useState } from 'react';
import { placeAt } from '@/lib/place-at';

/** A word on what a control does, on hover and focus. Never the only place where something is said. */
export function Tooltip({ content, children }: { content: string; children: ReactElement<object> }) {
  return cloneElement(children as ReactElement<{ 'data-tooltip'?: string }>, { 'data-tooltip': content });
}

const DELAY_MILLISECONDS = 400;
const GRACE_MILLISECONDS = 120;

/**
 * The one tooltip of a page, for whatever `Tooltip` marked, so that a table of a thousand times costs nothing. Stays while
 * the pointer is on it, and goes with Escape (WCAG 1.4.13). Rendered once, in the providers.
 */
export function TooltipLayer() {
  const id = useId();
  const popup = useRef<HTMLDivElement>(null);
  const anchor = useMarkedElement(popup);
  const text = anchor?.dataset['tooltip'];
  useEffect(() => {
    if (anchor === null || popup.current === null) return;
    const described = anchor.getAttribute('aria-describedby');
    anchor.setAttribute('aria-describedby', described === null ? id : `${described} ${id}`);
    placeAt(popup.current, anchor.getBoundingClientRect());
    return () => {
      if (described === null) anchor.removeAttribute('aria-describedby');
      else anchor.setAttribute('aria-describedby', described);
    };
  }, [anchor, id]);
  if (text === undefined) return null;
  return (
    <div
      ref={popup}
      id={id}
      role="tooltip"
      className="fixed top-0 left-0 z-70 max-w-72 rounded-sm bg-ink px-2 py-1 text-xs text-inverse shadow-popup"
    >
      {text}
    </div>
  );
}

/** The marked element that is hovered or focused; null: none, or Escape was pressed. */
function useMarkedElement(popup: { current: HTMLElement | null }): HTMLElement | null {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const show = (element: HTMLElement | null, delay: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => setAnchor(element), delay);
    };
    const onOver = ({ target, pointerType }: PointerEvent) => {
      if (pointerType === 'touch' || popup.current?.contains(target as Node)) return clearTimeout(timer);
      const marked = markedAt(target);
      show(marked, marked ? DELAY_MILLISECONDS : GRACE_MILLISECONDS);
    };
    const onFocus = ({ target }: FocusEvent) =>
      target instanceof HTMLElement && target.matches(':focus-visible') && show(markedAt(target), 0);
    const hide = () => show(null, 0);
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && hide();
    const events = [
      ['pointerover', onOver],
      ['focusin', onFocus],
      ['focusout', hide],
      ['pointerdown', hide],
      ['keydown', onKey],
      ['scroll', hide],
    ] as const;
    for (const [name, listener] of events) document.addEventListener(name, listener as EventListener, true);
    return () => {
      clearTimeout(timer);
      for (const [name, listener] of events) document.removeEventListener(name, listener as EventListener, true);
    };
  }, [popup]);
  return anchor;
}

function markedAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-tooltip]') : null;
}

const GAP = 6;
const MARGIN = 8;

/** Puts a small fixed box above what it belongs to, or below where there is no room, and inside of the window. */
export function placeAt(box: HTMLElement, anchor: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const above = anchor.top - GAP - height;
  const top = above >= MARGIN ? above : anchor.bottom + GAP;
  const middle = anchor.left + anchor.width / 2 - width / 2;
  const left = Math.min(Math.max(middle, MARGIN), window.innerWidth - width - MARGIN);
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

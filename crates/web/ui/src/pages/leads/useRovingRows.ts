import { useState, type KeyboardEvent, type RefObject } from "react";

const PAGE = 10;

/** To which row a key leads, if to any. */
export function rowAfter(key: string, active: number, count: number): number | undefined {
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + PAGE,
    PageUp: active - PAGE,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined ? undefined : Math.min(Math.max(next, 0), count - 1);
}

/**
 * One stop of the Tab key for all rows, and arrow keys within. A row that is not drawn yet is
 * scrolled to first, and gets the focus once it is there.
 */
export function useRovingRows(
  count: number,
  container: RefObject<HTMLElement | null>,
  scrollTo: (index: number) => void,
) {
  const [chosen, setActive] = useState(0);
  const active = Math.min(chosen, Math.max(count - 1, 0));
  const focus = (index: number, tries = 8) => {
    const row = container.current?.querySelector<HTMLElement>(`[data-row="${String(index)}"]`);
    if (row) row.focus({ preventScroll: true });
    else if (tries > 0) requestAnimationFrame(() => focus(index, tries - 1));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = rowAfter(event.key, active, count);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    scrollTo(next);
    focus(next);
  };
  return { active, setActive, onKeyDown };
}

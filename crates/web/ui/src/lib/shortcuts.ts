import { useEffect, useEffectEvent } from "react";

/** Keys to what they do: `alt+j`, `mod+k`, `?`. `mod` is Ctrl, and Cmd on a Mac. */
export type Shortcuts = Record<string, (() => void) | undefined>;

/**
 * Listens to keys on the whole page. Letters are taken by their place on the keyboard, as Alt makes
 * other characters of them on a Mac. A single character does nothing while somebody is writing.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const combo = comboOf(event);
    const run = shortcuts[combo];
    if (!run || (!combo.includes("+") && isWriting(event.target))) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

function comboOf(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const key = (letter && (event.altKey || mod) ? letter : event.key).toLowerCase();
  return [mod && "mod", event.altKey && "alt", key].filter(Boolean).join("+");
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** How a combination is written on this machine: `Ctrl K` or `⌘ K`. */
export function keyNames(combo: string): string[] {
  const names: Record<string, string> = isMac
    ? { mod: "⌘", alt: "⌥", enter: "↩", escape: "esc" }
    : { mod: "Ctrl", alt: "Alt", enter: "Enter", escape: "Esc" };
  return combo.split("+").map((key) => names[key] ?? key.toUpperCase());
}

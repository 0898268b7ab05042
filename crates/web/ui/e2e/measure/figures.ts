import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { pictures } from "../support/env";

/** The value below which a share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Median and the like, rounded to whole milliseconds. */
export function summary(values: readonly number[]): Record<"n" | "median" | "p95" | "max", number> {
  return {
    n: values.length,
    median: Math.round(quantile(values, 0.5)),
    p95: Math.round(quantile(values, 0.95)),
    max: Math.round(Math.max(...values)),
  };
}

/** Prints figures, and keeps them beside the pictures. */
export function report(name: string, figures: object): void {
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(pictures, `measured-${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
  console.log(name, figures);
}

/**
 * Waits in the page until something with `text` is on the screen; when that was, by the clock. The page itself tells
 * when its content changes, so that nothing is added by asking; then the frame is waited for that
 * draws it, as nobody sees what is in the document only.
 */
export function firstSeen(page: Page, selector: string, text: string): Promise<number> {
  return page.evaluate(
    ([query, words]) =>
      new Promise<number>((resolve) => {
        const isThere = () =>
          [...document.querySelectorAll<HTMLElement>(query)].some((one) => one.textContent.includes(words) && one.getClientRects().length > 0);
        const drawn = () =>
          requestAnimationFrame(() => {
            // A message is handled after the frame that this callback still belongs to.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(Date.now());
            port2.postMessage(null);
          });
        const watch = new MutationObserver(() => {
          if (!isThere()) return;
          watch.disconnect();
          drawn();
        });
        if (isThere()) drawn();
        else watch.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
      }),
    [selector, text] as const,
  );
}

/** Turns the wheel over a place, and tells how long frames took meanwhile. */
export async function scroll(page: Page, selector: string, pixels: number, turns: number): Promise<number[]> {
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const watch = (now: number) => {
      frames.push(now - last);
      last = now;
      if (state.on) requestAnimationFrame(watch);
    };
    const state = { on: true, frames };
    Object.assign(globalThis, { scrolling: state });
    requestAnimationFrame(watch);
  });
  await page.locator(selector).hover();
  for (let turn = 0; turn < turns; turn++) await page.mouse.wheel(0, pixels);
  return page.evaluate(() => {
    const { scrolling } = globalThis as unknown as { scrolling: { on: boolean; frames: number[] } };
    scrolling.on = false;
    return scrolling.frames;
  });
}

import { expect, test } from "./support/test";

/** In bytes, as they come over the wire. */
const MOST = 350_000;
/** What a script can't do without; `import("…")` comes when it is wanted. */
const IMPORTED = /(?:from|import)\s*"\.\/([^"]+\.js)"/g;

test("the inbox loads little, and its list waits for nothing that only forms need", async ({ business, inboxOf, demo }) => {
  const inbox = await inboxOf(business.owner);
  // Once the open conversation has been fetched ahead, all is there.
  const ahead = inbox.page.waitForResponse(/\/assets\/OpenConversation[^/]*\.js$/);
  await inbox.page.reload();
  await (await ahead).finished();
  const files = await inbox.page.evaluate(() => {
    const all = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return all.map((one) => ({ path: new URL(one.name).pathname, size: one.encodedBodySize })).filter(({ path }) => path.startsWith("/assets/"));
  });
  const size = files.reduce((sum, one) => sum + one.size, 0);
  expect(size).toBeGreaterThan(100_000);
  expect(size).toBeLessThan(MOST);

  const page = files.find(({ path }) => path.startsWith("/assets/InboxPage") && path.endsWith(".js"));
  const needed = await imports(demo.url, page?.path ?? "");
  expect(needed.some((path) => path.includes("/vendor-"))).toBe(true);
  expect(needed.filter((path) => path.includes("/forms-"))).toEqual([]);
});

/** Every script that must be there before this one runs. */
async function imports(url: string, path: string): Promise<string[]> {
  const found = [path];
  for (const one of found) {
    const text = await (await fetch(url + one)).text();
    for (const [, name] of text.matchAll(IMPORTED)) {
      const next = `/assets/${name ?? ""}`;
      if (!found.includes(next)) found.push(next);
    }
  }
  return found;
}

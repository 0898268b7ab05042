import { test as base, expect, type BrowserContextOptions, type Page } from "@playwright/test";

import { Api } from "./api";
import { found, type Business, type Person } from "./business";
import { startDemo, type Demo } from "./demo";
import { Handset } from "./handset";
import { Inbox } from "./inbox";
import { Watch } from "./watch";

export { expect };

interface Options extends BrowserContextOptions {
  /** Where to begin. */
  path?: string;
  /** Another address of the same service, such as a proxy's. */
  at?: string;
}

interface Fixtures {
  watch: Watch;
  /** A business of the test's own. */
  business: Business;
  /** A browser of somebody's: `null` is nobody who is logged in. */
  open: (person: Person | null, options?: Options) => Promise<Page>;
  /** A browser of somebody's, with the inbox. */
  inboxOf: (person: Person, options?: Options) => Promise<Inbox>;
  /** The simulated phone of a customer. */
  handsetOf: (own: string, to: string) => Promise<Handset>;
}

interface WorkerFixtures {
  demo: Demo;
  /** The people of the demo; each call is a login of its own. */
  demoPeople: { owner: () => Promise<Person>; agent: () => Promise<Person> };
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  demo: [
    async ({}, provide, worker) => {
      const demo = await startDemo(`demo-${String(worker.workerIndex)}`);
      await provide(demo);
      await demo.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  demoPeople: [
    async ({ demo }, provide) => {
      const open = new Api(demo.url);
      const person = async (who: "owner" | "agent") => {
        const login = await open.login(demo[who]);
        return { login, api: open.as(login) };
      };
      await provide({ owner: () => person("owner"), agent: () => person("agent") });
    },
    { scope: "worker" },
  ],

  business: async ({ demo }, provide, info) => {
    await provide(await found(demo, `Business of ${info.title.slice(0, 40)}`));
  },

  watch: async ({}, provide) => {
    const watch = new Watch();
    await provide(watch);
    expect(watch.found(), "what the page must not do").toEqual([]);
  },

  open: async ({ browser, demo, watch }, provide) => {
    const contexts: { close(): Promise<void> }[] = [];
    await provide(async (person, { path = "/", at = demo.url, ...options } = {}) => {
      const context = await browser.newContext({ baseURL: at, ...loggedIn(at, person), ...options });
      contexts.push(context);
      await watch.observe(context);
      const page = await context.newPage();
      await page.goto(path);
      // What is opened next must not throw away the answer that holds the next token.
      if (person) await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      return page;
    });
    // What goes wrong while a page is thrown away is no fault of its.
    const seen = watch.found();
    await Promise.all(contexts.map((context) => context.close()));
    expect(seen, "what the page must not do").toEqual([]);
  },

  inboxOf: async ({ open }, provide) => {
    await provide(async (person, options) => new Inbox(await open(person, { path: "/inbox", ...options })));
  },

  handsetOf: async ({ demo, open }, provide) => {
    await provide(async (own, to) => {
      const query = new URLSearchParams({ number: own, to });
      return new Handset(await open(null, { at: demo.handset, path: `/?${query.toString()}`, viewport: { width: 900, height: 800 } }));
    });
  },
});

/** The page keeps a token that is good for one new login. */
function loggedIn(origin: string, person: Person | null): BrowserContextOptions {
  if (!person) return {};
  const localStorage = [{ name: "trunkline.refresh", value: person.login.refresh_token }];
  return { storageState: { cookies: [], origins: [{ origin, localStorage }] } };
}

import { join } from "node:path";
import { defineConfig } from "@playwright/test";

import { CHROMIUM_ARGS, chromium, pictures } from "./e2e/support/env";

/** People's ways through the page, against the real program with its simulated Twilio. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  testIgnore: "measure/**",
  outputDir: join(pictures, "traces"),
  // Each worker has a program and a browser of its own; CI has two cores.
  workers: 2,
  // A test that passes the second time has found something.
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  // Long, as machines may be slow and busy: nothing waits this long that goes well.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    launchOptions: { executablePath: chromium, args: CHROMIUM_ARGS },
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "America/New_York",
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: { mode: "retain-on-failure", screenshots: false, sources: false },
    screenshot: "only-on-failure",
  },
});

import { defineConfig } from "@playwright/test";

import base from "../../playwright.config";

/** How fast the page is: to be run by hand, on a quiet machine. */
export default defineConfig({
  ...base,
  testDir: ".",
  testIgnore: [],
  workers: 1,
  timeout: 900_000,
  use: { ...base.use, trace: "off", screenshot: "off" },
});

import { resolve } from "node:path";

const target = resolve(import.meta.dirname, "../../../../../target");

/** The browser. */
export const chromium = process.env["CHROMIUM"] || "/usr/bin/chromium";

/** The program under test. */
export const binary = resolve(process.env["TRUNKLINE_BINARY"] || resolve(target, "debug/trunkline"));

/** Where pictures, and traces of what failed, are left. */
export const pictures = resolve(process.env["PICTURES"] || resolve(target, "browser"));

/** No sandbox, as CI runs as root in a container; and nothing that asks the world outside. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

const MANTINE = "node_modules/@mantine/core";
const IMPORTED = /import (?:type )?\{([^}]*)\} from "@mantine\/core"/g;
const NEIGHBOUR = /from "(?:\.\.\/)+(?:components\/|utils\/)?([A-Z]\w+)\//g;

/** The components that our sources and the notifications name, and those that these are made of. */
function used(): Set<string> {
  const sources = [...files("src", ".tsx"), ...files("node_modules/@mantine/notifications/esm", ".mjs")];
  const found = new Set<string>();
  const add = (name: string) => {
    const folder = ["components", "utils"].map((kind) => join(MANTINE, "esm", kind, name)).find((path) => existsSync(path));
    if (!folder || found.has(name)) return;
    found.add(name);
    for (const path of files(folder, ".mjs")) names(path, NEIGHBOUR).forEach(add);
  };
  for (const path of sources) names(path, IMPORTED).forEach(add);
  return found;
}

function files(folder: string, end: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(end))
    .map((path) => join(folder, path));
}

function names(path: string, pattern: RegExp): string[] {
  const lists = [...readFileSync(path, "utf8").matchAll(pattern)].map((match) => match[1] ?? "");
  return lists.flatMap((list) => list.split(",")).map((name) => name.trim());
}

it("has the styles of every component that is used", () => {
  const text = readFileSync("src/app/mantineStyles.ts", "utf8");
  const wanted = [...used()].filter((name) => existsSync(join(MANTINE, "styles", `${name}.css`)));
  expect(wanted).toContain("ScrollArea");
  expect(wanted.filter((name) => !text.includes(`styles/${name}.css`))).toEqual([]);
});

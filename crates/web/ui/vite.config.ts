import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { compressed } from "./vite/compressed";

// Where a running Trunkline listens; `npm run dev` passes on to it what is not the page.
const server = process.env["TRUNKLINE_URL"] ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(["/api/", "/m/", "/docs"].map((path) => [path, { target: server }]));

/** Mantine's parts of forms and dialogs. */
const FORMS =
  /node_modules\/@mantine\/(form|core\/esm\/components\/(Checkbox|Combobox|Fieldset|NativeSelect|NumberInput|PasswordInput|Pill|PillsInput|Radio|Select|Switch|TagsInput|Textarea|Drawer|Modal|ModalBase))\//;

export default defineConfig({
  plugins: [react(), compressed()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2022",
    // What has `light-dark()` and nesting by itself.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    emptyOutDir: true,
    // Inlined files would be `data:` addresses, which the content security policy has for images only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    // What every page needs comes as one file, what several of the others need as a few; by itself it
    // would be dozens of tiny ones. What only forms need is apart: the list of conversations, which is
    // the first to be seen, has none.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "main", tags: ["$initial"], priority: 3 },
            { name: "vendor", test: (id) => id.includes("node_modules") && !FORMS.test(id), minShareCount: 3, priority: 2 },
            { name: "forms", test: FORMS, minShareCount: 2, priority: 1 },
            { name: "shared", test: /src\/(?!pages\/)/, minShareCount: 3, priority: 0 },
            { name: "pages", test: /src\/pages\/(?!guide)/, minShareCount: 3, priority: 0 },
          ],
        },
      },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});

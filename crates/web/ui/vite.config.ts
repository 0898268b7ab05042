import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { compressed } from "./vite/compressed";

// Where a running Trunkline listens; `npm run dev` passes on to it what is not the page.
const server = process.env["TRUNKLINE_URL"] ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(["/api/", "/m/", "/docs"].map((path) => [path, { target: server }]));

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
    // What several pages use comes as two files; by itself it would be dozens of tiny ones.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "vendor", test: /node_modules/, minShareCount: 3, priority: 2 },
            { name: "shared", test: /src/, minShareCount: 3, priority: 1 },
          ],
        },
      },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});

import { brotliCompressSync, gzipSync } from "node:zlib";

import type { Plugin } from "vite";

/** Smaller ones gain nothing. */
const LEAST = 1024;

/** What is text, and so can be made smaller. */
const TEXT = /\.(js|css|svg|json|webmanifest)$/;

/** Puts `.br` and `.gz` beside each file, so that the server has nothing to compress. */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          const source = Buffer.from(file.type === "chunk" ? file.code : file.source);
          if (source.length < LEAST || !TEXT.test(fileName)) continue;
          const emit = (end: string, small: Buffer) =>
            this.emitFile({ type: "asset", fileName: fileName + end, source: small });
          emit(".br", brotliCompressSync(source));
          emit(".gz", gzipSync(source, { level: 9 }));
        }
      },
    },
  };
}

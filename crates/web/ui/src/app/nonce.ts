const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
const nonce = meta?.content ?? "";

declare global {
  var __webpack_nonce__: string | undefined;
}

// The scroll lock of dialogs makes a style element too, and looks for the nonce here.
globalThis.__webpack_nonce__ = nonce;

/** The word that the content security policy lets style elements in by. */
export function styleNonce(): string {
  return nonce;
}

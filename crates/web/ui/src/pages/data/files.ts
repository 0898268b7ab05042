/** Hands a file that the page has got to the browser's downloads. */
export function saveAs(content: Blob, filename: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has begun by the next turn; the address may go then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

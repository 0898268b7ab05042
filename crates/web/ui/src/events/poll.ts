/**
 * Asks whether anything of the tenant has changed. Every answer's `ETag` is made of the tenant's
 * event counter, so one cheap question tells of all kinds of changes.
 */
export function createPoll(fetchIt: (request: Request) => Promise<Response>) {
  let etag: string | null = null;
  return async (signal: AbortSignal): Promise<"changed" | "unchanged"> => {
    const headers = new Headers();
    if (etag !== null) headers.set("If-None-Match", etag);
    const response = await fetchIt(new Request("/api/v1/conversations?limit=1", { headers, signal, cache: "no-store" }));
    if (response.status === 304) return "unchanged";
    if (!response.ok) throw new Error(`HTTP ${String(response.status)}`);
    const before = etag;
    etag = response.headers.get("etag");
    await response.text();
    return before === null || before !== etag ? "changed" : "unchanged";
  };
}

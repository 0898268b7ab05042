import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Changes a cached answer. A fetch that is under way would put its own, older answer over the
 * change, so that is made once more when the fetch has ended: `change` has to bear being repeated.
 */
export function patchData<T>(client: QueryClient, queryKey: QueryKey, change: (data: T) => T): void {
  const patch = () => client.setQueryData<T>(queryKey, (data) => (data === undefined ? undefined : change(data)));
  patch();
  const cache = client.getQueryCache();
  const query = cache.find({ queryKey, exact: true });
  if (query?.state.fetchStatus !== "fetching") return;
  const stop = cache.subscribe((event) => {
    if (event.query !== query) return;
    if (event.type === "removed") return stop();
    if (event.type !== "updated") return;
    const { action } = event;
    if (action.type === "error") stop();
    if (action.type === "success" && !action.manual) {
      stop();
      patch();
    }
  });
}

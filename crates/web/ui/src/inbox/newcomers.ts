import type { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";

/**
 * Asks for everybody anew when somebody shows up who isn't among them, as nothing else tells that a
 * colleague has joined. Once for each, since who has been removed stays unknown, and once for all
 * that show up together.
 */
export function createNewcomers(client: QueryClient) {
  const seen = new Set<string>();
  let due = false;
  const ask = () => {
    due = false;
    void client.invalidateQueries({ queryKey: keys.users });
  };
  return {
    meet(id: string) {
      if (seen.has(id)) return;
      seen.add(id);
      if (!due) queueMicrotask(ask);
      due = true;
    },
  };
}

const ofClient = new WeakMap<QueryClient, ReturnType<typeof createNewcomers>>();

/** Those of one cache. */
export function newcomersOf(client: QueryClient): ReturnType<typeof createNewcomers> {
  const held = ofClient.get(client) ?? createNewcomers(client);
  ofClient.set(client, held);
  return held;
}

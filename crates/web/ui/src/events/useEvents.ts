import { useEffect, useEffectEvent } from "react";

import { useStore } from "../lib/store";
import { connection, onEvent } from "./live";
import type { ConnectionState, LiveEvent } from "./types";

/** Calls `handler` with every event while the component is shown. */
export function useEvents(handler: (event: LiveEvent) => void): void {
  const latest = useEffectEvent(handler);
  useEffect(() => onEvent((event) => latest(event)), []);
}

export function useConnection(): ConnectionState {
  return useStore(connection);
}

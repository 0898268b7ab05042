import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useMe } from "../api/client";
import { connection, onEvent } from "../events/live";
import { announceArrival } from "./announce";
import { createUpdates } from "./updates";

/** Keeps lists, threads and counts as events tell, wherever in the page somebody is. */
export function useInboxLive(): void {
  const client = useQueryClient();
  const me = useMe().user.id;
  useEffect(() => {
    const updates = createUpdates(client, me);
    const unlisten = onEvent((event) => {
      updates.take(event);
      const { conversation_id: conversation } = event.data;
      if (conversation && event.type === "sms_received") announceArrival(client, conversation);
    });
    const unwatch = connection.subscribe(() => {
      if (connection.get() === "live") updates.hurry();
    });
    return () => {
      unlisten();
      unwatch();
      updates.stop();
    };
  }, [client, me]);
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import type { Activity, ActivityKind } from "../model";
import { useGrowing } from "./pages";

/** How many failed texts are shown. */
const SHOWN = 25;

export interface ActivityFilter {
  kind?: ActivityKind;
  lead_id?: string;
}

/** What happened, newest first. */
export function useActivity(filter: ActivityFilter) {
  return useGrowing<Activity>([...keys.activity, filter], (cursor, signal) =>
    unwrap(api.GET("/api/v1/activity", { params: { query: { ...filter, limit: 50, cursor } }, signal })),
  );
}

/** The latest texts that could not be sent or did not arrive, newest first. */
export function useFailedTexts() {
  return useQuery({
    queryKey: [...keys.messages, "failed"],
    queryFn: async ({ signal }) => {
      const asked = (["failed", "undelivered"] as const).map((status) =>
        unwrap(
          api.GET("/api/v1/messages", { params: { query: { status, direction: "outbound", limit: SHOWN } }, signal }),
        ),
      );
      const pages = await Promise.all(asked);
      // The ids of messages are in the order of time.
      return pages
        .flatMap((page) => page.data)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, SHOWN);
    },
  });
}

export function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(api.POST("/api/v1/messages/{id}/retry", { params: { path: { id } }, headers: idempotent() })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.messages }),
        client.invalidateQueries({ queryKey: keys.queue }),
      ]),
  });
}

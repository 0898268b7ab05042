import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import type { ChannelPatch, NewChannel } from "../model";
import { all } from "./pages";

/** All channels, oldest first. */
export function useChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: ({ signal }) =>
      all((cursor) => unwrap(api.GET("/api/v1/channels", { params: { query: { limit: 200, cursor } }, signal }))),
  });
}

function useRefreshed<I, O>(change: (input: I) => Promise<O>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.channels }),
        client.invalidateQueries({ queryKey: keys.queue }),
      ]),
  });
}

export function useConnectChannel() {
  return useRefreshed(({ body, key }: { body: NewChannel; key: string }) =>
    unwrap(api.POST("/api/v1/channels", { body, headers: idempotent(key) })),
  );
}

export function useChangeChannel(id: string) {
  return useRefreshed((body: ChannelPatch) =>
    unwrap(api.PATCH("/api/v1/channels/{id}", { params: { path: { id } }, body })),
  );
}

export function useRemoveChannel() {
  return useRefreshed((id: string) => unwrap(api.DELETE("/api/v1/channels/{id}", { params: { path: { id } } })));
}

/** Asks Twilio about a channel's account and number. */
export function useTestChannel(id: string) {
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/channels/{id}/test", { params: { path: { id } } })),
  });
}

/** How the queue is doing; asked for every `every` milliseconds as well, since counts have no event of their own. */
export function useQueue(every: number | false = false) {
  return useQuery({
    queryKey: keys.queue,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/admin/sms-queue", { signal })),
    refetchInterval: every,
  });
}

import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import { useChannels } from "../data/channels";
import { useTeam } from "../data/team";
import type { Facts } from "./steps";

function useAny(direction: "inbound" | "outbound", enabled: boolean) {
  return useQuery({
    queryKey: [...keys.messages, "any", direction],
    enabled,
    queryFn: async ({ signal }) => {
      const page = await unwrap(api.GET("/api/v1/messages", { params: { query: { direction, limit: 1 } }, signal }));
      return page.data.length > 0;
    },
  });
}

/** How far the tenant is; nothing until all of it is known, so that no step flickers. */
export function useFacts(enabled: boolean): Facts | undefined {
  const channels = useChannels();
  const team = useTeam(enabled);
  const received = useAny("inbound", enabled);
  const sent = useAny("outbound", enabled);
  if (!channels.data || !team.data || received.data === undefined || sent.data === undefined) return undefined;
  return {
    channels: channels.data.length,
    takingPart: channels.data.some(({ status }) => status !== "inactive"),
    received: received.data,
    sent: sent.data,
    people: team.data.length,
  };
}

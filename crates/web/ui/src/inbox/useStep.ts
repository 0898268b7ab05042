import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { keys } from "../api/keys";
import type { ListData } from "./listCache";
import { listQuery } from "./queries";

/** Goes to the next or the previous conversation of the list. */
export function useStep(): (step: 1 | -1) => void {
  const { conversationId } = useParams({ strict: false });
  const query = listQuery(useSearch({ from: "/inside/inbox" }));
  const client = useQueryClient();
  const navigate = useNavigate();
  return (step) => {
    const data = client.getQueryData<ListData>(keys.conversationList(query));
    const ids = data?.pages.flatMap((page) => page.data.map((one) => one.id)) ?? [];
    const at = conversationId ? ids.indexOf(conversationId) : -1;
    const next = ids[at < 0 ? 0 : at + step];
    if (next) void navigate({ to: "/inbox/$conversationId", params: { conversationId: next }, search: (now: object) => now });
  };
}

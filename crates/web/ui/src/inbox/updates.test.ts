import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keys } from "../api/keys";
import { ApiProblem, NetworkProblem } from "../api/problem";
import type { Conversation } from "../api/types";
import type { LiveEvent } from "../events/types";
import { applyConversation } from "./cache";
import { aConversation, at } from "./fixture";
import type { ListData, ListPage } from "./listCache";
import { createUpdates } from "./updates";

const server = vi.hoisted(() => ({
  fetchConversation: vi.fn(),
  fetchConversations: vi.fn(),
  fetchTimeline: vi.fn(),
  fetchMessage: vi.fn(),
}));
vi.mock("./requests", () => server);

const list = keys.conversationList({ sort: "newest", status: "open" });

const row = (id: string, time: string, part: Partial<Conversation> = {}) =>
  aConversation({ id, last_message_at: `2026-01-01T${time}Z`, updated_at: `2026-01-01T${time}Z`, ...part });

const event = (type: string, data: LiveEvent["data"] = {}): LiveEvent => ({ id: type === "resync" ? null : "1", type, data });

const page = (...data: Conversation[]) => ({ data, next_cursor: null, next_updated_since: "2026-01-01T12:00:00Z" });

let client: QueryClient;
let updates: ReturnType<typeof createUpdates>;

/** The list as it is fetched for the first time, then as `fetch` answers. */
async function fetchList(fetch: () => Promise<ListPage>) {
  await client.fetchInfiniteQuery({
    queryKey: list,
    queryFn: fetch,
    initialPageParam: undefined as string | undefined,
  });
}

const shown = () => client.getQueryData<ListData>(list)?.pages.flatMap((one) => one.data.map((each) => each.id));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
  client = new QueryClient();
  updates = createUpdates(client, "me");
});

afterEach(() => {
  updates.stop();
  client.clear();
  vi.useRealTimers();
});

describe("what events touch", () => {
  it("is caught up from before the loss, although a later conversation has come by itself", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    applyConversation(client, row("a", "11:00:00"), "me");
    server.fetchConversations.mockResolvedValue(page(row("b", "10:30:00")));
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversations).toHaveBeenCalledWith({ updated_since: "2026-01-01T09:59:50.000Z" }, undefined, 200);
    expect(shown()).toEqual(["a", "b"]);
  });

  it("goes on next time from where the server says, or from the last event that was followed", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    server.fetchConversations.mockResolvedValue(page());
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversations).toHaveBeenLastCalledWith({ updated_since: "2026-01-01T12:00:00Z" }, undefined, 200);
    server.fetchConversation.mockResolvedValue(row("a", "13:00:00"));
    updates.take(event("sms_received", { conversation_id: "a", occurred_at: "2026-01-01T13:00:00Z" }));
    await vi.advanceTimersByTimeAsync(200);
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversations).toHaveBeenLastCalledWith({ updated_since: "2026-01-01T12:59:50.000Z" }, undefined, 200);
  });

  it("is fetched beside a catching up that doesn't bring it", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    server.fetchConversations.mockResolvedValue(page());
    server.fetchConversation.mockResolvedValue(row("b", "10:30:00"));
    updates.take(event("sms_received", { conversation_id: "b" }));
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversation).toHaveBeenCalledWith("b");
    expect(shown()).toEqual(["b", "a"]);
  });

  it("is fetched at once, and what comes soon after that in one go", async () => {
    server.fetchConversation.mockImplementation((id: string) => Promise.resolve(row(id, "10:30:00")));
    const asked = () => server.fetchConversation.mock.calls.flat();
    updates.take(event("conversation_updated", { conversation_id: "a" }));
    updates.take(event("sms_received", { conversation_id: "b" }));
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toEqual(["a", "b"]);
    updates.take(event("sms_received", { conversation_id: "c" }));
    await vi.advanceTimersByTimeAsync(60);
    updates.take(event("sms_received", { conversation_id: "d" }));
    await vi.advanceTimersByTimeAsync(50);
    expect(asked()).toEqual(["a", "b"]);
    await vi.advanceTimersByTimeAsync(20);
    expect(asked()).toEqual(["a", "b", "c", "d"]);
    await vi.advanceTimersByTimeAsync(1000);
    updates.take(event("sms_received", { conversation_id: "e" }));
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("stays to be fetched while the connection is away", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    server.fetchConversation.mockRejectedValueOnce(new NetworkProblem("no answer"));
    server.fetchConversation.mockResolvedValue(row("b", "10:30:00"));
    updates.take(event("sms_received", { conversation_id: "b" }));
    await vi.advanceTimersByTimeAsync(200);
    expect(shown()).toEqual(["a"]);
    updates.hurry();
    await vi.advanceTimersByTimeAsync(200);
    expect(shown()).toEqual(["b", "a"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.fetchConversation).toHaveBeenCalledTimes(2);
  });

  it("goes from the lists when it is gone", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"), row("b", "09:00:00"))));
    server.fetchConversation.mockRejectedValue(new ApiProblem(404, {}));
    updates.take(event("conversation_updated", { conversation_id: "a" }));
    await vi.advanceTimersByTimeAsync(200);
    expect(shown()).toEqual(["b"]);
  });

  it("isn't asked for when its lead is gone", async () => {
    const [mine, other] = [row("a", "10:00:00"), row("b", "09:00:00")];
    mine.lead = { ...mine.lead, id: "gone" };
    await fetchList(() => Promise.resolve(page(mine, other)));
    updates.take(event("conversation_updated", { conversation_id: "a", lead_id: "gone" }));
    updates.take(event("lead_updated", { lead_id: "gone", deleted: true }));
    updates.take(event("sms_status_update", { conversation_id: "a", lead_id: "gone", message_id: "m" }));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversation).not.toHaveBeenCalled();
    expect(shown()).toEqual(["b"]);
  });

  it("brings no message by itself before the catching up, and all that it has held up, is done", async () => {
    const thread = { queryKey: keys.timeline("a"), initialPageParam: undefined, getNextPageParam: () => undefined, staleTime: Infinity };
    server.fetchTimeline.mockResolvedValue({ data: [at(1)], next_cursor: null });
    server.fetchConversation.mockResolvedValue(row("a", "10:00:00"));
    server.fetchConversations.mockResolvedValue(page());
    server.fetchMessage.mockRejectedValue(new NetworkProblem("no answer"));
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    await client.fetchInfiniteQuery({ ...thread, queryFn: () => server.fetchTimeline("a") as Promise<ListPage> });
    new InfiniteQueryObserver(client, thread).subscribe(() => undefined);
    const arrive = (message: string) => updates.take(event("sms_received", { conversation_id: "a", message_id: message }));
    let answer: (value: ListPage) => void = () => undefined;
    server.fetchConversations.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(1);
    arrive("m-002");
    answer(page());
    await vi.advanceTimersByTimeAsync(1);
    arrive("m-003");
    expect(server.fetchMessage).not.toHaveBeenCalled();
    server.fetchTimeline.mockResolvedValue({ data: [at(3), at(2), at(1)], next_cursor: null });
    await vi.advanceTimersByTimeAsync(200);
    arrive("m-004");
    expect(server.fetchMessage.mock.calls).toEqual([["m-004"]]);
  });

  it("begins anew after too many changes, and remembers no longer from when", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    server.fetchConversations.mockResolvedValue({ data: [row("b", "10:30:00")], next_cursor: "more" });
    updates.take(event("resync"));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.fetchConversations).toHaveBeenCalledTimes(5);
    expect(client.getQueryState(list)?.isInvalidated).toBe(true);
  });
});

describe("a change while a fetch is under way", () => {
  it("outlives the older answer of that fetch", async () => {
    await fetchList(() => Promise.resolve(page(row("a", "10:00:00"))));
    let answer: (value: ListPage) => void = () => undefined;
    const slow = fetchList(() => new Promise((resolve) => (answer = resolve)));
    applyConversation(client, row("b", "10:30:00"), "me");
    expect(shown()).toEqual(["b", "a"]);
    answer(page(row("a", "10:00:00")));
    await slow;
    expect(shown()).toEqual(["b", "a"]);
  });

  it("is made when the first answer comes, too", async () => {
    let answer: (value: ListPage) => void = () => undefined;
    const slow = fetchList(() => new Promise((resolve) => (answer = resolve)));
    applyConversation(client, row("a", "10:30:00", { unread_count: 3 }), "me");
    answer(page(row("a", "10:00:00")));
    await slow;
    expect(client.getQueryData<ListData>(list)?.pages[0]?.data[0]?.unread_count).toBe(3);
  });
});

import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keys } from "../api/keys";
import { NetworkProblem } from "../api/problem";
import type { Message, TimelinePage } from "../api/types";
import type { LiveEvent } from "../events/types";
import { createArrivals } from "./arrivals";
import { at, aMessage } from "./fixture";
import type { TimelineData } from "./timelineCache";

const server = vi.hoisted(() => ({ fetchMessage: vi.fn() }));
vi.mock("./requests", () => server);

const queryKey = keys.timeline("c-1");
const options = {
  queryKey,
  queryFn: (): Promise<TimelinePage> => Promise.resolve({ data: [at(1)], next_cursor: null }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: () => undefined,
  staleTime: Infinity,
};

/** The message `minute` minutes past ten, as {@link at} has it. */
const text = (minute: number): Message => {
  const item = at(minute);
  return aMessage({ id: item.id, created_at: item.at, updated_at: item.at });
};

const arrival = (message: string, type = "sms_received"): LiveEvent => ({
  id: "1",
  type,
  data: { message_id: message, conversation_id: "c-1" },
});

let client: QueryClient;
let answers: Map<string, { resolve: (message: Message) => void; reject: (why: Error) => void }>;

const shown = () => client.getQueryData<TimelineData>(queryKey)?.pages.flatMap((page) => page.data.map((item) => item.id));
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** Somebody opens the thread, with one message in it. */
async function look(): Promise<void> {
  await client.fetchInfiniteQuery(options);
  new InfiniteQueryObserver(client, options).subscribe(() => undefined);
}

beforeEach(() => {
  vi.resetAllMocks();
  client = new QueryClient();
  answers = new Map();
  server.fetchMessage.mockImplementation(
    (id: string) => new Promise<Message>((resolve, reject) => answers.set(id, { resolve, reject })),
  );
});

afterEach(() => client.clear());

describe("a text that arrives", () => {
  it("is in the thread that somebody looks at as soon as it is there itself", async () => {
    await look();
    createArrivals(client).take(arrival("m-002"));
    answers.get("m-002")?.resolve(text(2));
    await settle();
    expect(shown()).toEqual(["m-002", "m-001"]);
  });

  it("doesn't come before an earlier one, whose answer takes longer", async () => {
    await look();
    const arrivals = createArrivals(client);
    arrivals.take(arrival("m-002"));
    arrivals.take(arrival("m-003"));
    answers.get("m-003")?.resolve(text(3));
    await settle();
    expect(shown()).toEqual(["m-001"]);
    answers.get("m-002")?.resolve(text(2));
    await settle();
    expect(shown()).toEqual(["m-003", "m-002", "m-001"]);
  });

  it("that can't be had is left to the burst, and so are later ones until that has been", async () => {
    await look();
    const arrivals = createArrivals(client);
    arrivals.take(arrival("m-002"));
    arrivals.take(arrival("m-003"));
    answers.get("m-002")?.reject(new NetworkProblem("no answer"));
    answers.get("m-003")?.resolve(text(3));
    await settle();
    arrivals.take(arrival("m-004"));
    expect(answers.has("m-004")).toBe(false);
    expect(shown()).toEqual(["m-001"]);
    arrivals.caughtUp("c-1");
    arrivals.take(arrival("m-005"));
    answers.get("m-005")?.resolve(text(5));
    await settle();
    expect(shown()).toEqual(["m-005", "m-001"]);
  });

  it("is left to the burst when many come at once", async () => {
    await look();
    const arrivals = createArrivals(client);
    for (const id of ["m-002", "m-003", "m-004", "m-005"]) arrivals.take(arrival(id));
    expect([...answers.keys()]).toEqual(["m-002", "m-003", "m-004"]);
    for (const minute of [2, 3, 4]) answers.get(text(minute).id)?.resolve(text(minute));
    await settle();
    arrivals.take(arrival("m-006"));
    expect(answers.has("m-006")).toBe(false);
  });

  it("is left to the burst, with all after it, if the thread was opened only then", async () => {
    const arrivals = createArrivals(client);
    arrivals.take(arrival("m-002"));
    await look();
    arrivals.take(arrival("m-003"));
    expect(server.fetchMessage).not.toHaveBeenCalled();
  });
});

describe("what is not asked for", () => {
  it("is a message that is there already, or no new one", async () => {
    await look();
    const arrivals = createArrivals(client);
    arrivals.take(arrival("m-001", "message_queued"));
    arrivals.take(arrival("m-002", "sms_status_update"));
    expect(server.fetchMessage).not.toHaveBeenCalled();
    arrivals.take(arrival("m-002", "message_queued"));
    expect(server.fetchMessage).toHaveBeenCalledWith("m-002");
  });

  it("is a thread that is held, but that nobody looks at", async () => {
    await client.fetchInfiniteQuery(options);
    createArrivals(client).take(arrival("m-002"));
    expect(server.fetchMessage).not.toHaveBeenCalled();
  });
});

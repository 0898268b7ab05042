import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keys } from "../api/keys";
import { deleting, isOfNobodyGone, leadIsGone } from "./goneLead";

vi.mock("./requests", () => ({}));

let client: QueryClient;

beforeEach(() => {
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});

afterEach(() => client.clear());

/** A part of the page that shows what is held under `queryKey`. */
function shown(queryKey: readonly unknown[], queryFn: (context: { signal: AbortSignal }) => Promise<unknown>) {
  return new QueryObserver(client, { queryKey, queryFn }).subscribe(() => undefined);
}

const everyLead = () => client.invalidateQueries({ queryKey: keys.leads, predicate: isOfNobodyGone });

describe("a lead that is deleted", () => {
  it("is not asked for by what was touched before", async () => {
    const fetchLead = vi.fn(() => Promise.resolve("lead"));
    const fetchThread = vi.fn(() => Promise.resolve("thread"));
    const fetchList = vi.fn(() => Promise.resolve("list"));
    shown(keys.lead("of before"), fetchLead);
    shown([...keys.lead("of before"), "thread"], fetchThread);
    shown(keys.leadList({}), fetchList);
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));

    await deleting(client, "of before", () => Promise.resolve());
    await everyLead();
    leadIsGone(client, "of before");
    await everyLead();

    expect(fetchLead).toHaveBeenCalledTimes(1);
    expect(fetchThread).toHaveBeenCalledTimes(1);
    expect(fetchList.mock.calls.length).toBeGreaterThan(1);
  });

  it("is not asked for any longer where that is under way", async () => {
    const signals: AbortSignal[] = [];
    shown(keys.lead("under way"), ({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await vi.waitFor(() => expect(signals).toHaveLength(1));

    await deleting(client, "under way", () => Promise.resolve());

    expect(signals[0]?.aborted).toBe(true);
  });

  it("is asked for again when it could not be deleted", async () => {
    const fetchLead = vi.fn(() => Promise.resolve("lead"));
    shown(keys.lead("kept"), fetchLead);
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));

    await expect(deleting(client, "kept", () => Promise.reject(new Error("no")))).rejects.toThrow("no");

    await vi.waitFor(() => expect(fetchLead).toHaveBeenCalledTimes(2));
    await everyLead();
    expect(fetchLead).toHaveBeenCalledTimes(3);
  });
});

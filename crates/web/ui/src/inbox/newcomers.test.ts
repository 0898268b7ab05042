import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";

import { keys } from "../api/keys";
import { newcomersOf } from "./newcomers";

it("asks once for all who show up together, and once for each", async () => {
  const client = new QueryClient();
  const fetchUsers = vi.fn(() => Promise.resolve([]));
  const stop = new QueryObserver(client, { queryKey: [...keys.users, "all"], queryFn: fetchUsers }).subscribe(() => undefined);
  await vi.waitFor(() => expect(fetchUsers).toHaveBeenCalledTimes(1));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  await settled();

  for (const id of ["anna", "ben", "anna"]) newcomersOf(client).meet(id);
  await settled();
  expect(fetchUsers).toHaveBeenCalledTimes(2);

  newcomersOf(client).meet("anna");
  await settled();
  expect(fetchUsers).toHaveBeenCalledTimes(2);
  newcomersOf(client).meet("carl");
  await settled();
  expect(fetchUsers).toHaveBeenCalledTimes(3);
  stop();
  client.clear();
});

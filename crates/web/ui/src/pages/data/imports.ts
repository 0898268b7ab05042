import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, authorizedFetch, idempotent, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import { problemOf } from "../../api/problem";
import { useEvents } from "../../events/useEvents";
import { errorsFilename, isRunning } from "../imports/import";
import type { Import } from "../model";
import { saveAs } from "./files";
import { useGrowing } from "./pages";

const BASE = "/api/v1/leads/imports";

/** For forms and files, which the typed client has no use for. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await authorizedFetch(new Request(new URL(path, window.location.origin), init));
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The imports so far, newest first. */
export function useImports() {
  return useGrowing<Import>([...keys.imports, "list"], (cursor, signal) =>
    unwrap(api.GET("/api/v1/leads/imports", { params: { query: { limit: 20, cursor } }, signal })),
  );
}

/**
 * One import. While it runs it is asked for every second or so, and an event moves the bar at once;
 * the events alone would leave a page behind whose stream is down.
 */
export function useImport(id: string | undefined) {
  const client = useQueryClient();
  const queryKey = [...keys.imports, "one", id];
  const query = useQuery({
    queryKey,
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/leads/imports/{id}", { params: { path: { id: id ?? "" } }, signal })),
    refetchInterval: ({ state }) => (isRunning(state.data) ? 1200 : false),
  });
  useEvents(({ type, data }) => {
    if (type !== "import_progress" || data.import_id !== id) return;
    client.setQueryData<Import>(queryKey, (known) =>
      known && isRunning(known)
        ? {
            ...known,
            done_rows: Math.max(known.done_rows, data.done_rows ?? 0),
            total_rows: data.total_rows ?? known.total_rows,
          }
        : known,
    );
  });
  const ended = query.data !== undefined && !query.data.dry_run && !isRunning(query.data);
  useEffect(() => {
    if (ended) void client.invalidateQueries({ queryKey: keys.leads });
  }, [client, ended]);
  return query;
}

export interface ImportInput {
  file: File;
  onDuplicate: "update" | "skip";
  dryRun: boolean;
  /** The same for each try at the same thing. */
  key: string;
}

/** Begins an import, or a rehearsal of one. */
export function useStartImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ file, onDuplicate, dryRun, key }: ImportInput) => {
      const body = new FormData();
      // Fields first: the API may read the form as it comes.
      body.set("on_duplicate", onDuplicate);
      body.set("dry_run", String(dryRun));
      body.set("file", file);
      const response = await ask(BASE, { method: "POST", body, headers: idempotent(key) });
      return (await response.json()) as Import;
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.imports }),
  });
}

export function useCancelImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(api.POST("/api/v1/leads/imports/{id}/cancel", { params: { path: { id } }, headers: idempotent() })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.imports }),
  });
}

/** Downloads every bad row of an import, each with its reason. */
export function useBadRows() {
  return useMutation({
    mutationFn: async ({ id, filename }: Pick<Import, "id" | "filename">) => {
      const response = await ask(`${BASE}/${id}/errors.csv`);
      saveAs(await response.blob(), errorsFilename(filename));
    },
  });
}

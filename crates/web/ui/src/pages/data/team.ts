import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, idempotent, session, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import type { NewApiKey, Role, TenantPatch } from "../model";
import { all } from "./pages";

/** Everybody of the tenant, in the order they joined. */
export function useTeam(enabled = true) {
  return useQuery({
    queryKey: keys.users,
    enabled,
    queryFn: ({ signal }) =>
      all((cursor) => unwrap(api.GET("/api/v1/users", { params: { query: { limit: 200, cursor } }, signal }))),
  });
}

function useTeamChange<I, O>(change: (input: I) => Promise<O>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export interface Invitation {
  email: string;
  name: string;
  role: Role;
  key: string;
}

/** Adds somebody; the answer has a password that is shown once. */
export function useInvite() {
  return useTeamChange(({ email, name, role, key }: Invitation) =>
    unwrap(
      api.POST("/api/v1/users", {
        body: { email: email.trim(), name: name.trim() || null, role },
        headers: idempotent(key),
      }),
    ),
  );
}

export function useChangeRole() {
  return useTeamChange(({ id, role }: { id: string; role: Role }) =>
    unwrap(api.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body: { role } })),
  );
}

export function useRemoveMember() {
  return useTeamChange((id: string) => unwrap(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } })));
}

/** The keys that work, oldest first. Owners only. */
export function useApiKeys(enabled: boolean) {
  return useQuery({
    queryKey: keys.apiKeys,
    enabled,
    queryFn: ({ signal }) =>
      all((cursor) => unwrap(api.GET("/api/v1/api-keys", { params: { query: { limit: 200, cursor } }, signal }))),
  });
}

export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: NewApiKey; key: string }) =>
      unwrap(api.POST("/api/v1/api-keys", { body, headers: idempotent(key) })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useTenant() {
  return useQuery({
    queryKey: keys.tenant,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/tenant", { signal })),
  });
}

export function useChangeTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TenantPatch) => unwrap(api.PATCH("/api/v1/tenant", { body })),
    onSuccess: (tenant) => {
      client.setQueryData(keys.tenant, tenant);
      session.update({ tenant });
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current: string; new: string }) => unwrap(api.POST("/api/v1/auth/password", { body })),
  });
}

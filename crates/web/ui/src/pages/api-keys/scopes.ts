import type { Role, Scope } from "../model";
import { ROLES } from "../model";

/** The lowest role whose keys can make use of a scope. */
const NEEDS: Record<Scope, Role> = {
  "channels:read": "viewer",
  "channels:write": "admin",
  "leads:read": "viewer",
  "leads:write": "agent",
  "conversations:read": "viewer",
  "conversations:write": "agent",
  "messages:read": "viewer",
  "messages:write": "agent",
  "users:read": "viewer",
  "users:write": "admin",
  "keys:read": "owner",
  "keys:write": "owner",
  "tenant:read": "viewer",
  "tenant:write": "owner",
  "queue:read": "viewer",
};

export const SCOPES = Object.keys(NEEDS) as Scope[];

/** The scopes of one area, such as `channels`. */
export interface ScopeArea {
  area: string;
  read?: Scope;
  write?: Scope;
}

/** All scopes, by area, in a fixed order. */
export function scopeAreas(scopes: readonly Scope[] = SCOPES): ScopeArea[] {
  const areas = new Map<string, ScopeArea>();
  for (const scope of scopes) {
    const [area = scope, right] = scope.split(":");
    const entry = areas.get(area) ?? { area };
    areas.set(area, { ...entry, [right === "read" ? "read" : "write"]: scope });
  }
  return [...areas.values()];
}

/** Whether a key made by this role could use the scope. */
export function usable(scope: Scope, role: Role): boolean {
  return ROLES.indexOf(NEEDS[scope]) <= ROLES.indexOf(role);
}

/** When a key made now for so many days stops working; `null` days means never. */
export function expiry(days: number | null, now: Date): string | null {
  return days === null ? null : new Date(now.getTime() + days * 86_400_000).toISOString();
}

/** How a key stands today. */
export function expiryState(expiresAt: string | null | undefined, now: Date) {
  if (expiresAt == null) return "never" as const;
  const left = Date.parse(expiresAt) - now.getTime();
  if (left <= 0) return "expired" as const;
  return left < 7 * 86_400_000 ? ("soon" as const) : ("later" as const);
}

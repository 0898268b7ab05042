import { reaches } from "../../app/navigation";
import { ROLES, type Role, type User } from "../model";

export type Why = "adminOnly" | "above" | "lastOwner" | "yourself";

interface Actor {
  id: string;
  role: Role;
}

const isLastOwner = (target: Pick<User, "role">, people: readonly Pick<User, "role">[]) =>
  target.role === "owner" && people.filter(({ role }) => role === "owner").length < 2;

/** Why somebody's role can't be changed by `actor`; nothing if it can. */
export function whyNotChange(
  actor: Actor,
  target: Pick<User, "id" | "role">,
  people: readonly Pick<User, "role">[],
): Why | undefined {
  if (!reaches(actor.role, "admin")) return "adminOnly";
  if (!reaches(actor.role, target.role)) return "above";
  return isLastOwner(target, people) ? "lastOwner" : undefined;
}

/** Why somebody can't be removed by `actor`; nothing if they can. */
export function whyNotRemove(
  actor: Actor,
  target: Pick<User, "id" | "role">,
  people: readonly Pick<User, "role">[],
): Why | undefined {
  return whyNotChange(actor, target, people) ?? (actor.id === target.id ? "yourself" : undefined);
}

/** The roles that `actor` may give: none above their own. */
export function rolesOf(actor: Role): Role[] {
  return ROLES.filter((role) => reaches(actor, role));
}

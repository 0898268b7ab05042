import {
  IconAddressBook,
  IconInbox,
  IconKey,
  IconListDetails,
  IconPhoneSpark,
  IconSettings,
  IconUsersGroup,
  type Icon,
} from "@tabler/icons-react";

import type { Role } from "../api/types";
import { strings } from "./strings";

const RANK: Record<Role, number> = { viewer: 0, agent: 1, admin: 2, owner: 3 };

/** Whether a role reaches as far as another. */
export function reaches(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** An entry of the main navigation. */
export interface Destination {
  to: "/inbox" | "/leads" | "/channels" | "/logs" | "/team" | "/api-keys" | "/settings";
  label: string;
  icon: Icon;
  /** Who sees it. */
  role: Role;
  /** Whether it has a place in the bar of a phone; the others are under "More". */
  primary: boolean;
}

const nav = strings.common.nav;

export const destinations: readonly Destination[] = [
  { to: "/inbox", label: nav.inbox, icon: IconInbox, role: "viewer", primary: true },
  { to: "/leads", label: nav.leads, icon: IconAddressBook, role: "viewer", primary: true },
  { to: "/channels", label: nav.channels, icon: IconPhoneSpark, role: "viewer", primary: true },
  { to: "/logs", label: nav.logs, icon: IconListDetails, role: "viewer", primary: false },
  { to: "/team", label: nav.team, icon: IconUsersGroup, role: "viewer", primary: false },
  { to: "/api-keys", label: nav.apiKeys, icon: IconKey, role: "owner", primary: false },
  { to: "/settings", label: nav.settings, icon: IconSettings, role: "viewer", primary: false },
];

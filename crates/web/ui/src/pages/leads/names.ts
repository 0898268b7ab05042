import { formatPhone } from "../../lib/phone";
import { lead as words } from "../../strings/leads";
import type { Lead } from "../model";

/** What to call a lead: the name, else what there is. */
export function nameOf({ name, phone, email }: Pick<Lead, "name" | "phone" | "email">): string {
  return name || formatPhone(phone) || email || words.unnamed;
}

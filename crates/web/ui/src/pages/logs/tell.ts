import { common } from "../../strings/common";
import { leads } from "../../strings/leads";
import { logs } from "../../strings/logs";
import { formatPhone } from "../../lib/phone";
import type { Activity, LeadSource, Role } from "../model";

const s = logs.sentence;

// What `data` holds depends on the kind; each value is read with care, since a feed that breaks at
// one entry hides all the others.
type Data = Record<string, unknown>;

const text = (data: Data, name: string): string => {
  const value = data[name];
  return typeof value === "string" ? value : "";
};

const number = (data: Data, name: string): number => {
  const value = data[name];
  return typeof value === "number" ? value : 0;
};

const list = (data: Data, name: string): string[] => {
  const value = data[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
};

const role = (data: Data): string => {
  const name = text(data, "role");
  return common.roles[name as Role]?.toLowerCase() ?? name;
};

const source = (data: Data): string => leads.sources[text(data, "source") as LeadSource] ?? text(data, "source");

function assigned(actor: Activity["actor"], data: Data, who: string): string {
  const whom = data["assigned_user"] as { id?: string; name?: string } | null | undefined;
  if (!whom?.name) return s.unassigned(who);
  return whom.id === actor?.id ? s.assignedSelf(who) : s.assigned(who, whom.name);
}

/** What happened, as a sentence. */
export function tell(activity: Activity): string {
  const { kind, actor } = activity;
  const data: Data = { ...activity.data };
  const who = actor?.name ?? s.system;
  const name = text(data, "name");
  switch (kind) {
    case "conversation_assigned":
      return assigned(actor, data, who);
    case "conversation_status_changed":
      return s.status(who, s.statuses[text(data, "to")] ?? text(data, "to"));
    case "control_started":
      return s.controlStarted(who);
    case "control_ended":
      return s.controlEnded(who);
    case "labels_changed":
      return s.labels(who, s.and(list(data, "added")), s.and(list(data, "removed")));
    case "priority_changed":
      return s.priority(who, text(data, "to"));
    case "opted_out":
      return s.optedOut(formatPhone(text(data, "number")), text(data, "source"));
    case "opted_in":
      return s.optedIn(formatPhone(text(data, "number")), text(data, "source"));
    case "lead_created":
      return s.leadCreated(actor?.name ?? null, source(data));
    case "lead_deleted":
      return s.leadDeleted(who);
    case "leads_imported":
      return s.imported(who, number(data, "created"), number(data, "updated"), number(data, "failed"));
    case "channel_created":
      return s.channelCreated(who, name);
    case "channel_changed":
      return s.channelChanged(who, name, s.and(list(data, "fields").map((field) => s.channelFields[field] ?? field)));
    case "channel_deleted":
      return s.channelDeleted(who, name);
    case "member_added":
      return s.memberAdded(who, name, role(data));
    case "member_changed":
      return s.memberChanged(who, name, role(data));
    case "member_removed":
      return s.memberRemoved(who, name);
    case "api_key_created":
      return s.keyCreated(who, name);
    case "api_key_revoked":
      return s.keyRevoked(who, name);
    default:
      // A newer server may tell of what this page doesn't know yet.
      return s.unknown(who, kind);
  }
}

import type { Activity, Person } from "../../api/upcoming";
import { strings } from "../../app/strings";
import { shortDateTime } from "../../lib/time";

const t = strings.inbox.activity;

/** An entry of the activity in one sentence. */
export function activityWords({ kind, actor, data }: Activity): string {
  const who = actor?.name ?? t.system;
  switch (kind) {
    case "conversation_assigned":
      return assigned(who, actor, data["assigned_user"] as Person | null | undefined);
    case "conversation_status_changed":
      return status(who, actor !== null, data);
    case "control_started":
      return t.controlStarted(actor?.name ?? t.somebody);
    case "control_ended":
      return t.controlEnded(actor?.name ?? t.somebody);
    case "labels_changed":
      return t.labels(who, names(data["added"]), names(data["removed"]));
    case "priority_changed":
      return t.priority(who, word(strings.inbox.actions.priorities, data["to"]).toLowerCase());
    case "opted_out":
      return t.optedOut;
    case "opted_in":
      return t.optedIn;
    case "lead_created":
      return t.leadCreated;
    default:
      return t.other(kind);
  }
}

function assigned(who: string, actor: Person | null, to: Person | null | undefined): string {
  if (!to) return t.unassigned(who);
  return to.id === actor?.id ? t.assignedSelf(who) : t.assigned(who, to.name);
}

function status(who: string, byPerson: boolean, data: Activity["data"]): string {
  const to = data["to"];
  if (!byPerson && to === "open") return data["from"] === "snoozed" ? t.woke : t.reopened;
  if (to === "snoozed") {
    const until = data["snoozed_until"];
    return t.snoozed(who, typeof until === "string" ? shortDateTime(until) : null);
  }
  return t.status(who, word(strings.inbox.status, to).toLowerCase());
}

function names(value: unknown): string {
  return Array.isArray(value) ? value.map((name) => `“${String(name)}”`).join(", ") : "";
}

function word(words: Record<string, string>, key: unknown): string {
  return words[String(key)] ?? String(key);
}

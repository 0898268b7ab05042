import type { Activity, Person } from "../../api/types";
import { strings } from "../../app/strings";
import { shortDateTime } from "../../lib/time";

const t = strings.inbox.activity;

type Of<K extends Activity["kind"]> = Extract<Activity, { kind: K }>;

/** An entry of the activity in one sentence, as it stands in a thread. */
export function activityWords(activity: Activity): string {
  const who = activity.actor?.name ?? t.system;
  switch (activity.kind) {
    case "conversation_assigned":
      return assigned(who, activity.actor, activity.data.assigned_user);
    case "conversation_status_changed":
      return status(who, activity);
    case "control_started":
      return t.controlStarted(activity.actor?.name ?? t.somebody);
    case "control_ended":
      return t.controlEnded(activity.actor?.name ?? t.somebody);
    case "labels_changed":
      return t.labels(who, names(activity.data.added), names(activity.data.removed));
    case "priority_changed":
      return t.priority(who, strings.inbox.actions.priorities[activity.data.to].toLowerCase());
    case "opted_out":
      return t.optedOut;
    case "opted_in":
      return t.optedIn;
    case "lead_created":
      return t.leadCreated;
    default:
      return t.other(activity.kind);
  }
}

function assigned(who: string, actor: Person | null, to: Person | null): string {
  if (!to) return t.unassigned(who);
  return to.id === actor?.id ? t.assignedSelf(who) : t.assigned(who, to.name);
}

function status(who: string, { actor, data }: Of<"conversation_status_changed">): string {
  if (!actor && data.to === "open") return data.from === "snoozed" ? t.woke : t.reopened;
  if (data.to === "snoozed") return t.snoozed(who, data.snoozed_until ? shortDateTime(data.snoozed_until) : null);
  return t.status(who, strings.inbox.status[data.to].toLowerCase());
}

function names(labels: readonly string[]): string {
  return labels.map((name) => `“${name}”`).join(", ");
}

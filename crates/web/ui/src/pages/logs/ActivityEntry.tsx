import {
  IconActivity,
  IconAdjustments,
  IconArrowBackUp,
  IconFlag,
  IconHandStop,
  IconKey,
  IconKeyOff,
  IconMessageCheck,
  IconMessageOff,
  IconPhoneOff,
  IconPhonePlus,
  IconProgressCheck,
  IconTag,
  IconUpload,
  IconUserCheck,
  IconUserCog,
  IconUserMinus,
  IconUserPlus,
  IconUserX,
  type Icon,
} from "@tabler/icons-react";
import { clockTime, fullTime } from "../../lib/time";
import { logs } from "../../strings/logs";
import { LinkAnchor } from "../common/links";
import type { Activity, ActivityKind } from "../model";
import { tell } from "./tell";
import classes from "./ActivityFeed.module.css";

const t = logs.activity;

const ICONS: Record<ActivityKind, Icon> = {
  conversation_assigned: IconUserCheck,
  conversation_status_changed: IconProgressCheck,
  control_started: IconHandStop,
  control_ended: IconArrowBackUp,
  labels_changed: IconTag,
  priority_changed: IconFlag,
  opted_out: IconMessageOff,
  opted_in: IconMessageCheck,
  lead_created: IconUserPlus,
  lead_deleted: IconUserX,
  leads_imported: IconUpload,
  channel_created: IconPhonePlus,
  channel_changed: IconAdjustments,
  channel_deleted: IconPhoneOff,
  member_added: IconUserPlus,
  member_changed: IconUserCog,
  member_removed: IconUserMinus,
  api_key_created: IconKey,
  api_key_revoked: IconKeyOff,
};

const GRAVE: ReadonlySet<ActivityKind> = new Set([
  "opted_out",
  "lead_deleted",
  "channel_deleted",
  "member_removed",
  "api_key_revoked",
]);

/** One thing that happened, with where to see it. */
export function ActivityEntry({ activity, inLead }: { activity: Activity; inLead: boolean }) {
  const Glyph = ICONS[activity.kind] ?? IconActivity;
  return (
    <li className={classes.entry}>
      <span className={classes.icon} data-grave={GRAVE.has(activity.kind) || undefined}>
        <Glyph size={16} stroke={1.8} aria-hidden />
      </span>
      <p className={classes.text}>
        {tell(activity)} <Where activity={activity} inLead={inLead} />
      </p>
      <time className={classes.time} dateTime={activity.created_at} title={fullTime(activity.created_at)}>
        {clockTime(activity.created_at)}
      </time>
    </li>
  );
}

function Where({ activity, inLead }: { activity: Activity; inLead: boolean }) {
  const { conversation_id, lead_id, channel_id, kind } = activity;
  if (conversation_id) {
    return (
      <LinkAnchor to="/inbox/$conversationId" params={{ conversationId: conversation_id }}>
        {t.toConversation}
      </LinkAnchor>
    );
  }
  if (lead_id && !inLead && kind !== "lead_deleted") {
    return (
      <LinkAnchor to="/leads/$leadId" params={{ leadId: lead_id }}>
        {t.toLead}
      </LinkAnchor>
    );
  }
  if (channel_id && kind !== "channel_deleted") return <LinkAnchor to="/channels">{t.toChannels}</LinkAnchor>;
  return null;
}

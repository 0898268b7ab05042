import { Tooltip } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { fullTime } from "../../lib/time";
import { leads } from "../../strings/leads";
import type { Lead } from "../model";
import classes from "./marks.module.css";

/** Says that texts have gone to or fro; the time of the last one on hover. */
export function SmsBadge({ lead }: { lead: Pick<Lead, "sms_enabled" | "last_sms_at"> }) {
  if (!lead.sms_enabled) return null;
  const when = lead.last_sms_at ? leads.lastSms(fullTime(lead.last_sms_at)) : leads.smsNoDate;
  return (
    <Tooltip label={when}>
      <span className={classes.sms}>
        <IconPhone size={11} stroke={2.2} aria-hidden />
        {leads.smsBadge}
        <span className="visually-hidden">, {when}</span>
      </span>
    </Tooltip>
  );
}

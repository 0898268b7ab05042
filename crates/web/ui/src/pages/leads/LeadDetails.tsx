import { IconMessageOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Avatar } from "../../components/Avatar";
import { LabelChip } from "../../components/LabelChip";
import { formatPhone } from "../../lib/phone";
import { useNow } from "../../lib/time";
import { lead as t } from "../../strings/leads";
import { CopyIcon } from "../common/CopyIcon";
import { Notice } from "../common/Notice";
import { TimeAgo } from "../common/TimeAgo";
import type { Lead } from "../model";
import { clockIn, countryName } from "../settings/places";
import { SmsBadge } from "./SmsBadge";
import { SourceMark } from "./SourceMark";
import { StatusBadge } from "./StatusBadge";
import classes from "./LeadDetails.module.css";

/** What is known of a lead. */
export function LeadDetails({ lead }: { lead: Lead }) {
  const now = useNow();
  const clock = lead.timezone ? clockIn(lead.timezone, new Date(now), "en") : undefined;
  const f = t.fields;
  return (
    <section className={classes.card} aria-label={t.details}>
      <div className={classes.head}>
        <Avatar name={lead.name} seed={lead.id} size={52} />
        <div className={classes.who}>
          <div className={classes.headline}>
            {lead.phone ? formatPhone(lead.phone) : (lead.email ?? t.fields.noPhone)}
            {lead.phone && <CopyIcon value={lead.phone} label={t.copyPhone} />}
          </div>
          <div className={classes.marks}>
            <StatusBadge status={lead.status} />
            <SmsBadge lead={lead} />
          </div>
        </div>
      </div>
      {lead.sms_opt_out && (
        <div className={classes.notice}>
          <Notice tone="bad" icon={<IconMessageOff size={18} stroke={1.8} />} title={t.optOutTitle}>
            <p>{t.optOutWords(lead.sms_opt_out_source, formatPhone(lead.sms_opt_out_number))}</p>
          </Notice>
        </div>
      )}
      <dl className={classes.list}>
        <Field name={f.email}>{lead.email && <a href={`mailto:${lead.email}`}>{lead.email}</a>}</Field>
        <Field name={f.source}>
          <SourceMark source={lead.source} />
        </Field>
        <Field name={f.tags}>
          {lead.tags.length > 0 && (
            <span className={classes.tags}>
              {lead.tags.map((tag) => (
                <LabelChip key={tag} name={tag} color="gray" />
              ))}
            </span>
          )}
        </Field>
        <Field name={f.country}>{lead.country && countryName(lead.country, "en")}</Field>
        <Field name={f.timezone}>
          {lead.timezone && (
            <>
              {lead.timezone.replaceAll("_", " ")}
              {clock && <span className={classes.clock}>{f.localTime(clock)}</span>}
            </>
          )}
        </Field>
        <Field name={f.lastContact}>{lead.last_contact_at && <TimeAgo at={lead.last_contact_at} />}</Field>
        <Field name={f.lastSms}>{lead.last_sms_at && <TimeAgo at={lead.last_sms_at} />}</Field>
        <Field name={f.created}>
          <TimeAgo at={lead.created_at} />
        </Field>
      </dl>
    </section>
  );
}

/** A field that is not set takes no room. */
function Field({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div className={classes.field}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

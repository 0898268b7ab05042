import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import { Avatar } from "../../components/Avatar";
import { formatPhone } from "../../lib/phone";
import { leads as t } from "../../strings/leads";
import { TimeAgo } from "../common/TimeAgo";
import type { Lead } from "../model";
import { nameOf } from "./names";
import { OptOutMark } from "./OptOutMark";
import { SmsBadge } from "./SmsBadge";
import { SourceMark } from "./SourceMark";
import { StatusBadge } from "./StatusBadge";
import classes from "./LeadTable.module.css";

interface LeadRowProps {
  lead: Lead;
  index: number;
  style: CSSProperties;
  inTabOrder: boolean;
  onFocus: () => void;
}

/** One lead. Its name is the link; the link covers the row. */
export function LeadRow({ lead, index, style, inTabOrder, onFocus }: LeadRowProps) {
  const name = nameOf(lead);
  const below = [lead.name ? formatPhone(lead.phone) : "", lead.email ?? ""].filter(Boolean).join(" · ");
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.row} style={style}>
      <div role="cell" className={classes.lead}>
        <Avatar name={lead.name} seed={lead.id} size={36} />
        <div className={classes.who}>
          <div className={classes.first}>
            <Link
              to="/leads/$leadId"
              params={{ leadId: lead.id }}
              className={classes.name}
              data-row={index}
              tabIndex={inTabOrder ? 0 : -1}
              onFocus={onFocus}
            >
              {name}
            </Link>
            <SmsBadge lead={lead} />
            {lead.sms_opt_out && <OptOutMark />}
          </div>
          {below && <div className={classes.below}>{below}</div>}
        </div>
      </div>
      <div role="cell" className={classes.source}>
        <SourceMark source={lead.source} />
      </div>
      <div role="cell" className={classes.status}>
        <StatusBadge status={lead.status} />
      </div>
      <div role="cell" className={classes.when}>
        {lead.last_contact_at ? <TimeAgo at={lead.last_contact_at} /> : <span className={classes.none}>{t.noContact}</span>}
      </div>
    </div>
  );
}

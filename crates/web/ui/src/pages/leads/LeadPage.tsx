import { useNavigate, useParams } from "@tanstack/react-router";
import { IconArrowLeft, IconUserOff } from "@tabler/icons-react";
import { ApiProblem } from "../../api/problem";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { Page } from "../../components/Page";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { lead as t } from "../../strings/leads";
import { LinkAnchor, LinkButton } from "../common/links";
import { useLead } from "../data/leads";
import type { Lead } from "../model";
import { LeadActions } from "./LeadActions";
import { LeadConversations } from "./LeadConversations";
import { LeadDetails } from "./LeadDetails";
import { LeadHistory } from "./LeadHistory";
import { nameOf } from "./names";
import classes from "./LeadPage.module.css";

/** One person: what is known of them, and what was said. */
export function LeadPage() {
  const { leadId } = useParams({ from: "/inside/leads/$leadId" });
  const query = useLead(leadId);
  const missing = query.error instanceof ApiProblem && query.error.status === 404;
  if (query.data && !missing) return <Person key={leadId} lead={query.data} />;
  if (query.isPending) {
    return (
      <Page title="…" subtitle={<Back />} wide>
        <RowsSkeleton rows={6} height={56} />
      </Page>
    );
  }
  return (
    <Page title={t.missing.title} subtitle={<Back />}>
      {missing ? (
        <EmptyState
          icon={<IconUserOff size={22} stroke={1.7} />}
          title={t.missing.title}
          actions={<LinkButton to="/leads">{t.missing.action}</LinkButton>}
        >
          {t.missing.text}
        </EmptyState>
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </Page>
  );
}

function Person({ lead }: { lead: Lead }) {
  const navigate = useNavigate();
  return (
    <Page
      title={nameOf(lead)}
      subtitle={<Back />}
      wide
      actions={<LeadActions lead={lead} onDeleted={() => void navigate({ to: "/leads" })} />}
    >
      <div className={classes.columns}>
        <div className={classes.side}>
          <LeadDetails lead={lead} />
          <LeadConversations lead={lead} />
        </div>
        <LeadHistory lead={lead} />
      </div>
    </Page>
  );
}

function Back() {
  return (
    <LinkAnchor to="/leads" className={classes.back}>
      <IconArrowLeft size={14} stroke={2} aria-hidden />
      {t.back}
    </LinkAnchor>
  );
}

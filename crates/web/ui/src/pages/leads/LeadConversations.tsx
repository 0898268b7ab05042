import { Badge, Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconChevronRight, IconInbox } from "@tabler/icons-react";
import { formatPhone } from "../../lib/phone";
import { lead as words } from "../../strings/leads";
import { Section } from "../common/Section";
import { TimeAgo } from "../common/TimeAgo";
import { useChannels } from "../data/channels";
import { useLeadConversations } from "../data/leads";
import type { Conversation, Lead } from "../model";
import classes from "./LeadConversations.module.css";

const t = words.conversations;

/** The conversations with a lead: one for each of our numbers that they were texted by. */
export function LeadConversations({ lead }: { lead: Lead }) {
  const query = useLeadConversations(lead.id);
  const rows = query.data ?? [];
  return (
    <Section title={t.title} flush={rows.length > 0}>
      {query.isLoading ? (
        <Skeleton height={44} />
      ) : rows.length === 0 ? (
        <span className={classes.soft}>{t.empty}</span>
      ) : (
        <ul className={classes.list}>
          {rows.map((conversation) => (
            <Entry key={conversation.id} conversation={conversation} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Entry({ conversation }: { conversation: Conversation }) {
  const channels = useChannels();
  const channel = channels.data?.find(({ id }) => id === conversation.channel_id);
  const number = channel ? formatPhone(channel.credentials.phoneNumber) : t.unknownChannel;
  return (
    <li>
      <Link
        to="/inbox/$conversationId"
        params={{ conversationId: conversation.id }}
        className={classes.entry}
      >
        <IconInbox size={18} stroke={1.6} aria-hidden className={classes.icon} />
        <span className={classes.text}>
          <span className={classes.name}>{channel?.name ?? number}</span>
          <span className={classes.soft}>
            {t.statuses[conversation.status]} · <TimeAgo at={conversation.last_message_at} />
          </span>
        </span>
        {conversation.unread_count > 0 && <Badge size="sm">{t.unread(conversation.unread_count)}</Badge>}
        <IconChevronRight size={16} stroke={1.6} aria-hidden className={classes.icon} />
      </Link>
    </li>
  );
}

import { Link } from "@tanstack/react-router";
import { IconAlertCircle, IconBan, IconHeadset, IconSparkles, IconChevronsUp } from "@tabler/icons-react";
import { memo } from "react";

import type { Conversation } from "../../api/types";
import { strings } from "../../app/strings";
import { Avatar } from "../../components/Avatar";
import { LabelChip } from "../../components/LabelChip";
import { RelativeTime } from "../../components/RelativeTime";
import { SmsIcon } from "../../components/SmsIcon";
import { formatPhone } from "../../lib/phone";
import { useDraftLine } from "../drafts";
import { lastLine } from "./lastLine";
import classes from "./ConversationRow.module.css";

const t = strings.inbox.list;

interface ConversationRowProps {
  conversation: Conversation;
  selected: boolean;
  me: string;
  ourNumber: string | null;
  assignee: string | null;
  controller: string | null;
  /** Whether there is an assistant at all: without one, nothing is to be marked as its own. */
  assistant: boolean;
  labelColors: ReadonlyMap<string, string>;
  onHover: (id: string) => void;
}

/** One conversation in the list: who, what, when, and how it stands. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, selected, ourNumber, assignee } = props;
  const name = conversation.lead.name || formatPhone(conversation.remote_address);
  const unread = conversation.unread_count;
  return (
    <Link
      from="/inbox"
      to="/inbox/$conversationId"
      params={{ conversationId: conversation.id }}
      search={(current) => current}
      className={classes.row}
      data-unread={unread > 0 || undefined}
      data-selected={selected || undefined}
      aria-current={selected ? "true" : undefined}
      onPointerEnter={() => props.onHover(conversation.id)}
      onFocus={() => props.onHover(conversation.id)}
      preload={false}
    >
      <Avatar name={conversation.lead.name} seed={conversation.lead.id} size={38} />
      <div className={classes.body}>
        <div className={classes.line}>
          <span className={classes.name}>{name}</span>
          <RelativeTime at={conversation.last_message_at} className={classes.time} />
        </div>
        <div className={classes.line}>
          <Preview conversation={conversation} me={props.me} selected={selected} />
          {unread > 0 && (
            <span className={classes.unread} aria-label={t.unread(unread)}>
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </div>
        <div className={classes.meta}>
          <span className={classes.number} title={ourNumber ? t.via(ourNumber) : undefined}>
            <SmsIcon size={13} />
            {ourNumber}
          </span>
          <Marks {...props} />
          <Labels names={conversation.labels} colors={props.labelColors} />
          {assignee && (
            <span className={classes.assignee} title={t.assignedTo(assignee)} role="img" aria-label={t.assignedTo(assignee)}>
              <Avatar name={assignee} seed={conversation.assigned_user_id ?? ""} size={18} />
            </span>
          )}
        </div>
      </div>
    </Link>
  );
});

/** The latest message; or what somebody has begun to answer, which is easily forgotten. */
function Preview({ conversation, me, selected }: Pick<ConversationRowProps, "conversation" | "me" | "selected">) {
  const draft = useDraftLine(me, conversation.id);
  if (!draft || selected) return <span className={classes.preview}>{lastLine(conversation)}</span>;
  return (
    <span className={classes.preview}>
      <span className={classes.draft}>{t.draft}</span>
      {draft}
    </span>
  );
}

/** As many labels as there is room for, two at most, and how many more there are. */
function Labels({ names, colors }: { names: readonly string[]; colors: ReadonlyMap<string, string> }) {
  return (
    <span className={classes.labels}>
      {names.slice(0, 2).map((label) => (
        <span key={label} className={classes.label}>
          <LabelChip name={label} color={colors.get(label.toLowerCase())} />
        </span>
      ))}
      {[0, 1, 2].map(
        (shown) =>
          names.length > shown && (
            <span key={shown} className={classes.rest} data-shown={shown}>
              +{names.length - shown}
            </span>
          ),
      )}
    </span>
  );
}

function Marks({ conversation, controller, assistant }: ConversationRowProps) {
  const failed = conversation.last_message?.status === "failed" || conversation.last_message?.status === "undelivered";
  const pressing = conversation.priority === "high" || conversation.priority === "urgent";
  return (
    <span className={classes.marks}>
      {conversation.control === "human" && (
        <Mark label={t.humanAnswers(controller)}>
          <IconHeadset size={14} stroke={1.9} />
        </Mark>
      )}
      {assistant && conversation.control === "ai" && (
        <Mark label={t.aiAnswers} tone="ai">
          <IconSparkles size={14} stroke={1.9} />
        </Mark>
      )}
      {pressing && (
        <Mark label={t.priority[conversation.priority]} tone={conversation.priority === "urgent" ? "danger" : "warning"}>
          <IconChevronsUp size={14} stroke={2.2} />
        </Mark>
      )}
      {failed && (
        <Mark label={t.failed} tone="danger">
          <IconAlertCircle size={14} stroke={2} />
        </Mark>
      )}
      {conversation.lead.sms_opt_out && (
        <Mark label={t.optedOut} tone="danger">
          <IconBan size={13} stroke={2.2} />
          <span className={classes.markText}>{t.optedOut}</span>
        </Mark>
      )}
    </span>
  );
}

function Mark({ label, tone, children }: { label: string; tone?: string; children: React.ReactNode }) {
  return (
    <span className={classes.mark} data-tone={tone} role="img" aria-label={label} title={label}>
      {children}
    </span>
  );
}

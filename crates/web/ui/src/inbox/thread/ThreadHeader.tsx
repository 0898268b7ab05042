import { ActionIcon, Button, Tooltip, useMantineTheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { IconArrowLeft, IconCheck, IconHeadset, IconLayoutSidebarRight, IconRotate, IconSparkles } from "@tabler/icons-react";

import { useMe } from "../../api/client";
import type { Conversation } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { Avatar } from "../../components/Avatar";
import { SmsIcon } from "../../components/SmsIcon";
import { formatPhone } from "../../lib/phone";
import { fullTime, relativeTime, shortDateTime, useNow } from "../../lib/time";
import { AssignMenu } from "../actions/AssignMenu";
import { MoreMenu } from "../actions/MoreMenu";
import { SnoozeMenu } from "../actions/SnoozeMenu";
import { useActions } from "../actions/useActions";
import { useChannels, useUserName } from "../queries";
import classes from "./Thread.module.css";

const t = strings.inbox;

interface ThreadHeaderProps {
  conversation: Conversation;
  detailsShown: boolean;
  onToggleDetails: () => void;
}

/** Who it is with, and what can be done. */
export function ThreadHeader({ conversation, detailsShown, onToggleDetails }: ThreadHeaderProps) {
  const theme = useMantineTheme();
  const phone = useMediaQuery("(max-width: 767px)", false, { getInitialValueInEffect: false });
  const navigate = useNavigate();
  const actions = useActions(conversation);
  const mayWrite = reaches(useMe().user.role, "agent");
  const closed = conversation.status === "closed";
  const name = conversation.lead.name || formatPhone(conversation.remote_address);
  return (
    <>
      <header className={classes.header}>
        {phone && (
          <ActionIcon variant="subtle" color="gray" size={40} onClick={() => void navigate({ to: "/inbox", search: (s) => s })} aria-label={t.thread.back}>
            <IconArrowLeft size={20} />
          </ActionIcon>
        )}
        <Avatar name={conversation.lead.name} seed={conversation.lead.id} size={phone ? 32 : 36} />
        <div className={classes.who}>
          <h2 className={classes.name}>{name}</h2>
          <Subtitle conversation={conversation} />
        </div>
        <div className={classes.actions}>
          {mayWrite && (
            <>
              <span className={classes.wide}>
                <AssignMenu conversation={conversation} />
              </span>
              <span className={classes.wide}>
                <SnoozeMenu conversation={conversation} />
              </span>
              <Button
                className={classes.wide}
                size="compact-sm"
                h={32}
                variant={closed ? "default" : "light"}
                leftSection={closed ? <IconRotate size={15} aria-hidden /> : <IconCheck size={15} aria-hidden />}
                onClick={() => void (closed ? actions.reopen() : actions.close())}
                style={{ fontFamily: theme.fontFamily }}
              >
                {closed ? t.actions.reopen : t.actions.close}
              </Button>
              <MoreMenu conversation={conversation} />
            </>
          )}
          <Tooltip label={detailsShown ? t.actions.hideDetails : t.actions.details}>
            <ActionIcon
              variant={detailsShown ? "light" : "subtle"}
              color={detailsShown ? undefined : "gray"}
              size={34}
              onClick={onToggleDetails}
              aria-label={t.actions.details}
              aria-pressed={detailsShown}
            >
              <IconLayoutSidebarRight size={19} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      <ControlBar conversation={conversation} mayWrite={mayWrite} />
    </>
  );
}

function Subtitle({ conversation }: { conversation: Conversation }) {
  const channel = useChannels().data?.find((one) => one.id === conversation.channel_id);
  const snoozed = conversation.status === "snoozed";
  const status = snoozed
    ? conversation.snoozed_until
      ? t.actions.snoozedUntil(shortDateTime(conversation.snoozed_until))
      : t.actions.snoozedUntilReply
    : conversation.status === "open"
      ? null
      : t.status[conversation.status];
  return (
    <div className={classes.sub}>
      <SmsIcon size={13} />
      <span>{formatPhone(conversation.remote_address)}</span>
      {status && <span>· {status}</span>}
      {channel && <span className={classes.wide}>· {channel.name}</span>}
    </div>
  );
}

/**
 * Who answers, the assistant or a person; since when; and how to change that. Where there is no
 * assistant, only a person is worth a line.
 */
function ControlBar({ conversation, mayWrite }: { conversation: Conversation; mayWrite: boolean }) {
  const { user: me, tenant } = useMe();
  const nameOf = useUserName();
  const now = useNow();
  const actions = useActions(conversation);
  const human = conversation.control === "human";
  const since = conversation.control_since;
  if (!human && !tenant.assistant_enabled) return null;
  const change = human ? (tenant.assistant_enabled ? t.actions.releaseToAi : t.actions.release) : t.actions.takeOver;
  return (
    <div className={classes.control} data-control={conversation.control}>
      <span className={classes.controlText}>
        {human ? <IconHeadset size={16} stroke={1.8} aria-hidden /> : <IconSparkles size={16} stroke={1.8} aria-hidden />}
        <strong>
          {human ? t.actions.controlHuman(nameOf(conversation.control_user_id), conversation.control_user_id === me.id) : t.actions.controlAi}
        </strong>
        {human && since && now - Date.parse(since) >= 60_000 && (
          <span className={classes.since} title={fullTime(since)}>
            {t.actions.since(relativeTime(since, now))}
          </span>
        )}
      </span>
      {mayWrite && (
        <Button size="compact-xs" variant="default" onClick={() => void (human ? actions.release() : actions.takeOver())}>
          {change}
        </Button>
      )}
    </div>
  );
}

import { ActionIcon, Menu } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconCheck, IconClockPause, IconDotsVertical, IconMailOpened, IconRotate, IconUserPlus } from "@tabler/icons-react";

import { useMe } from "../../api/client";
import type { Conversation, ConversationPriority } from "../../api/types";
import { strings } from "../../app/strings";
import { SnoozeItems } from "./SnoozeMenu";
import { useActions } from "./useActions";

const t = strings.inbox.actions;
const PRIORITIES: readonly ConversationPriority[] = ["urgent", "high", "normal", "low"];

/** What has no button of its own; on narrow screens everything. */
export function MoreMenu({ conversation }: { conversation: Conversation }) {
  const actions = useActions(conversation);
  const me = useMe().user;
  const narrow = useMediaQuery("(max-width: 1279px)", false, { getInitialValueInEffect: false });
  const closed = conversation.status === "closed";
  const mine = conversation.assigned_user_id === me.id;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={34} aria-label={t.more}>
          <IconDotsVertical size={18} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        {narrow && (
          <Menu.Item
            leftSection={closed ? <IconRotate size={16} /> : <IconCheck size={16} />}
            onClick={() => void (closed ? actions.reopen() : actions.close())}
          >
            {closed ? t.reopen : t.close}
          </Menu.Item>
        )}
        {narrow && (
          <Menu.Item leftSection={<IconUserPlus size={16} />} onClick={() => void actions.assign(mine ? null : me.id)}>
            {mine ? t.unassigned : `${t.assignTo} ${t.me.toLowerCase()}`}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconMailOpened size={16} />} onClick={() => void actions.markUnread()}>
          {t.unread}
        </Menu.Item>
        {conversation.status !== "pending" && (
          <Menu.Item leftSection={<IconClockPause size={16} />} onClick={() => void actions.patch({ status: "pending" })}>
            {t.pending}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t.priority}</Menu.Label>
        <Menu.RadioGroup
          value={conversation.priority}
          onChange={(value) => void actions.patch({ priority: value as ConversationPriority })}
        >
          {PRIORITIES.map((priority) => (
            <Menu.RadioItem key={priority} value={priority} closeMenuOnClick>
              {t.priorities[priority]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        {narrow && (
          <>
            <Menu.Divider />
            <SnoozeItems conversation={conversation} />
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

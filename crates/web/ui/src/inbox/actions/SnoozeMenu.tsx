import { ActionIcon, Button, Menu, Modal, TextInput, Tooltip } from "@mantine/core";
import { IconAlarm, IconAlarmOff } from "@tabler/icons-react";
import { useState } from "react";

import type { Conversation } from "../../api/types";
import { createStore, useStore } from "../../lib/store";
import { shortDateTime, useNow } from "../../lib/time";
import { strings } from "../../app/strings";
import { atHour, snoozePresets, toLocalInput } from "./snooze";
import { useActions } from "./useActions";
import classes from "./Menus.module.css";

const t = strings.inbox.actions;

/** Whether the menu is open; the keyboard opens it too. */
export const snoozeMenu = createStore(false);

/** Puts the conversation aside until a time, or until the customer writes. */
export function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const opened = useStore(snoozeMenu);
  return (
    <Menu opened={opened} onChange={(open) => snoozeMenu.set(open)} position="bottom-end" width={300}>
      <Menu.Target>
        <Tooltip label={t.snooze} disabled={opened}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={t.snooze} data-snooze>
            <IconAlarm size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <SnoozeItems conversation={conversation} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** The choices, for the menu of its own and for the one of everything. */
export function SnoozeItems({ conversation }: { conversation: Conversation }) {
  const actions = useActions(conversation);
  return (
    <>
      <Menu.Label>{t.snooze}</Menu.Label>
      {conversation.status === "snoozed" && (
        <Menu.Item leftSection={<IconAlarmOff size={16} />} onClick={() => void actions.reopen()}>
          {t.unsnooze}
        </Menu.Item>
      )}
      {snoozePresets(new Date()).map((preset) => (
        <Menu.Item
          key={preset.label}
          onClick={() => void actions.snooze(preset.until)}
          rightSection={preset.until && <small className={classes.when}>{shortDateTime(preset.until.toISOString())}</small>}
        >
          {preset.label}
        </Menu.Item>
      ))}
      <Menu.Item onClick={() => customSnooze.set(conversation.id)}>{t.snoozePresets.custom}</Menu.Item>
    </>
  );
}

/** Whose time is being picked; outside of the menu, which closes. */
export const customSnooze = createStore<string | null>(null);

export function CustomSnooze({ conversation }: { conversation: Conversation }) {
  const open = useStore(customSnooze) === conversation.id;
  const actions = useActions(conversation);
  const [text, setText] = useState(() => toLocalInput(atHour(new Date(), 1, 9)));
  const at = new Date(text);
  const past = !(at.getTime() > useNow());
  const close = () => customSnooze.set(null);
  return (
    <Modal opened={open} onClose={close} title={t.snooze} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (past) return;
          void actions.snooze(at);
          close();
        }}
      >
        <TextInput
          type="datetime-local"
          label={strings.inbox.scheduled.when}
          value={text}
          min={toLocalInput(new Date())}
          onChange={(event) => setText(event.currentTarget.value)}
          error={past ? strings.inbox.scheduled.past : undefined}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Button type="submit" fullWidth mt="md" disabled={past}>
          {t.snooze}
        </Button>
      </form>
    </Modal>
  );
}

import { Button, Checkbox, Menu, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconSettings,
  IconStar,
  IconStethoscope,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { notifyDone, notifyError } from "../../components/notify";
import { formatPhone } from "../../lib/phone";
import { channels as t } from "../../strings/channels";
import { Confirm } from "../common/Confirm";
import { IconButton } from "../common/IconButton";
import { useMay } from "../common/may";
import { useChangeChannel, useRemoveChannel } from "../data/channels";
import type { Channel, ChannelPatch } from "../model";
import classes from "./ChannelCard.module.css";

interface ChannelActionsProps {
  channel: Channel;
  testing: boolean;
  onTest: () => void;
  onSettings: () => void;
}

/** What admins can do with a channel; others see none of it. */
export function ChannelActions({ channel, testing, onTest, onSettings }: ChannelActionsProps) {
  const { manage } = useMay();
  const change = useChangeChannel(channel.id);
  const [switchingOff, switchOff] = useDisclosure(false);
  const [removing, remove] = useDisclosure(false);
  if (!manage) return null;
  const { name, status } = channel;
  const patch = (body: ChannelPatch, done: string) =>
    change.mutate(body, { onSuccess: () => notifyDone(done), onError: notifyError });
  return (
    <div className={classes.actions}>
      <Button variant="default" leftSection={<IconStethoscope size={16} />} onClick={onTest} loading={testing}>
        {t.actions.test}
      </Button>
      <Button variant="default" leftSection={<IconSettings size={16} />} onClick={onSettings}>
        {t.actions.settings}
      </Button>
      {status === "inactive" && (
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          loading={change.isPending}
          onClick={() => patch({ status: "active" }, t.actions.activated(name))}
        >
          {t.actions.activate}
        </Button>
      )}
      <span className={classes.spacer} />
      <Menu position="bottom-end" width={210}>
        <Menu.Target>
          <IconButton label={t.actions.more(name)} icon={IconDots} loading={change.isPending} />
        </Menu.Target>
        <Menu.Dropdown>
          {status !== "connected" && (
            <Menu.Item
              leftSection={<IconPlugConnected size={16} />}
              onClick={() => patch({ status: "connected" }, t.actions.connected(name))}
            >
              {t.actions.connect}
            </Menu.Item>
          )}
          {!channel.is_default && (
            <Menu.Item
              leftSection={<IconStar size={16} />}
              onClick={() => patch({ is_default: true }, t.actions.madeDefault(name))}
            >
              {t.actions.makeDefault}
            </Menu.Item>
          )}
          {status !== "inactive" && (
            <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={switchOff.open}>
              {t.actions.deactivate}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove.open}>
            {t.actions.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={switchingOff}
        onClose={switchOff.close}
        title={t.deactivateConfirm.title(name)}
        action={t.deactivateConfirm.action}
        pending={change.isPending}
        onConfirm={() => {
          switchOff.close();
          patch({ status: "inactive" }, t.actions.deactivated(name));
        }}
      >
        {t.deactivateConfirm.text}
      </Confirm>
      <RemoveConfirm channel={channel} opened={removing} onClose={remove.close} />
    </div>
  );
}

interface RemoveConfirmProps {
  channel: Channel;
  opened: boolean;
  onClose: () => void;
}

function RemoveConfirm({ channel, opened, onClose }: RemoveConfirmProps) {
  const remove = useRemoveChannel();
  const [understood, setUnderstood] = useState(false);
  const number = formatPhone(channel.credentials.phoneNumber);
  const words = t.removeConfirm;
  const close = () => {
    setUnderstood(false);
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      onClose={close}
      title={words.title(channel.name)}
      action={words.action}
      danger
      blocked={!understood}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(channel.id, {
          onSuccess: () => {
            notifyDone(t.actions.removed(channel.name));
            close();
          },
        })
      }
    >
      <Stack gap="sm">
        <span>{words.lead(number)}</span>
        <ul style={{ margin: 0, paddingInlineStart: 20 }}>
          {words.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <Checkbox
          label={words.confirm(number)}
          checked={understood}
          onChange={(event) => setUnderstood(event.currentTarget.checked)}
        />
      </Stack>
    </Confirm>
  );
}

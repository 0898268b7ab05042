import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { channels } from "../../strings/channels";
import type { Channel } from "../model";
import { SettingsForm } from "./SettingsForm";

interface SettingsDrawerProps {
  channel: Channel;
  opened: boolean;
  onClose: () => void;
}

export function SettingsDrawer({ channel, opened, onClose }: SettingsDrawerProps) {
  const narrow = useMediaQuery("(max-width: 767px)");
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={narrow ? "100%" : 460}
      title={channels.settings.title(channel.name)}
      styles={{ title: { fontWeight: 650, fontSize: "1rem" } }}
    >
      <SettingsForm channel={channel} onDone={onClose} />
    </Drawer>
  );
}

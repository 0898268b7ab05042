import { Radio, Stack } from "@mantine/core";
import { channels } from "../../strings/channels";
import type { ChannelMode } from "../model";

const MODES: readonly ChannelMode[] = ["production", "trial", "test"];

/** The modes, for a group of radio buttons. */
export function ModeChoice() {
  return (
    <Stack gap={10} my={8}>
      {MODES.map((mode) => (
        <Radio key={mode} value={mode} label={channels.modes[mode]} description={channels.modeHints[mode]} />
      ))}
    </Stack>
  );
}

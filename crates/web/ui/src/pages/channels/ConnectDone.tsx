import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconCheck, IconStethoscope } from "@tabler/icons-react";
import { formatPhone } from "../../lib/phone";
import { channels } from "../../strings/channels";
import { LinkButton } from "../common/links";
import { Trouble } from "../common/Trouble";
import { useTestChannel } from "../data/channels";
import { OpenHandset } from "../guide/OpenHandset";
import type { Channel } from "../model";
import { HealthReport } from "./HealthReport";
import { Webhooks } from "./Webhooks";
import classes from "./ConnectStep.module.css";

const t = channels.wizard;

/** It worked: how to see that, and what is left to do by hand, if anything is. */
export function ConnectDone({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const test = useTestChannel(channel.id);
  const connected = channel.status === "connected";
  const number = formatPhone(channel.credentials.phoneNumber);
  return (
    <Stack gap="md">
      <Stack align="center" gap="xs" ta="center" role="status">
        <span className={classes.tick}>
          <IconCheck size={28} stroke={2.4} aria-hidden />
        </span>
        <Title order={2} size="h3">
          {connected ? t.done(number) : t.doneSaved(number)}
        </Title>
        <Text size="sm" c="dimmed" maw={420}>
          {connected ? t.doneText : t.doneSavedText}
        </Text>
        {connected && <OpenHandset channels={[channel]} size="xs" />}
      </Stack>
      {test.data && <HealthReport health={test.data} channel={channel} />}
      <Trouble error={test.error} />
      <Webhooks channel={channel} open={!connected} />
      <Group justify="space-between" gap="xs">
        <Button variant="default" leftSection={<IconStethoscope size={16} />} onClick={() => test.mutate()} loading={test.isPending}>
          {channels.actions.test}
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t.doneClose}
          </Button>
          <LinkButton to="/inbox">{t.doneAction}</LinkButton>
        </Group>
      </Group>
    </Stack>
  );
}

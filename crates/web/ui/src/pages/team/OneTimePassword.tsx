import { Button, CopyButton, Group, Stack } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { common } from "../../strings/common";
import { team } from "../../strings/team";
import { CopyField } from "../common/CopyField";
import { Notice } from "../common/Notice";
import type { Invited } from "./InviteForm";

const t = team.created;

/** The password of a login just made: now, and never again. */
export function OneTimePassword({ invited, onDone }: { invited: Invited; onDone: () => void }) {
  const password = invited.one_time_password;
  const address = window.location.origin;
  if (!password) {
    return (
      <Stack gap="md">
        <Notice tone="warning">
          <p>{t.replayed}</p>
        </Notice>
        <Button onClick={onDone}>{common.close}</Button>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Notice tone="warning">
        <p>{t.once}</p>
      </Notice>
      <CopyField label={t.address} value={address} labelled />
      <CopyField label={t.email} value={invited.email} labelled />
      <CopyField label={t.password} value={password} labelled big />
      <Group justify="space-between" gap="xs">
        <CopyButton value={t.text(address, invited.email, password)} timeout={2500}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}>
              {copied ? common.copied : t.copyAll}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t.done}</Button>
      </Group>
    </Stack>
  );
}

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { common } from "../../strings/common";
import { Trouble } from "./Trouble";

interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => void;
  pending?: boolean;
  error?: unknown;
  /** Colours the action as one that destroys something. */
  danger?: boolean;
  /** Holds the action back, until something is ticked for example. */
  blocked?: boolean;
}

/** Asks before something that can't be undone, or that others notice. */
export function Confirm({
  opened,
  onClose,
  title,
  children,
  action,
  onConfirm,
  pending,
  error,
  danger,
  blocked,
}: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={650}>{title}</Text>} size="md">
      <Stack gap="md">
        <Text component="div" size="sm" c="dimmed" lh={1.55}>
          {children}
        </Text>
        <Trouble error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {common.cancel}
          </Button>
          <Button color={danger ? "red" : undefined} onClick={onConfirm} loading={pending} disabled={blocked}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

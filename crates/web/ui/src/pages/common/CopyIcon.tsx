import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { common } from "../../strings/common";

/** Copies something that stands beside it. */
export function CopyIcon({ value, label, size = 16 }: { value: string; label: string; size?: number }) {
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? common.copied : label}>
          <ActionIcon
            variant={copied ? "light" : "subtle"}
            color={copied ? "green" : "gray"}
            size={size + 10}
            onClick={copy}
            aria-label={copied ? common.copied : label}
          >
            {copied ? <IconCheck size={size} /> : <IconCopy size={size} stroke={1.7} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

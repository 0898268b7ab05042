import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { common } from "../../strings/common";
import { pageWords } from "../../strings/pages";
import classes from "./CopyField.module.css";

interface CopyFieldProps {
  label: string;
  value: string;
  /** Shows the label above; without it, readers alone get it. */
  labelled?: boolean;
  big?: boolean;
}

/** A value to be copied as it is. */
export function CopyField({ label, value, labelled, big }: CopyFieldProps) {
  return (
    <div className={classes.field}>
      {labelled && <span className={classes.label}>{label}</span>}
      <div className={classes.box} data-big={big || undefined}>
        <code className={classes.value} tabIndex={0} aria-label={`${label}: ${value}`} role="group">
          {value}
        </code>
        <CopyButton value={value} timeout={2000}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? common.copied : pageWords.copy(label)}>
              <ActionIcon
                variant={copied ? "light" : "subtle"}
                color={copied ? "green" : "gray"}
                onClick={copy}
                aria-label={copied ? common.copied : pageWords.copy(label)}
              >
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </div>
    </div>
  );
}

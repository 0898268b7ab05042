import { Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { strings } from "../app/strings";
import { errorWords } from "./errorWords";
import classes from "./State.module.css";

interface ErrorStateProps {
  error: unknown;
  /** The way out: tries again. */
  onRetry?: () => void;
  compact?: boolean;
}

/** An error in words, with a way out and the id to find it by in the service's log. */
export function ErrorState({ error, onRetry, compact }: ErrorStateProps) {
  const words = errorWords(error);
  return (
    <div className={classes.state} data-compact={compact || undefined} role="alert">
      <span className={classes.icon} data-tone="danger">
        <IconAlertTriangle size={22} stroke={1.7} aria-hidden />
      </span>
      <p className={classes.title}>{words.title}</p>
      <Text c="dimmed" size="sm" maw={420} ta="center">
        {words.detail}
      </Text>
      {onRetry && (
        <Button variant="default" onClick={onRetry} mt="xs">
          {strings.common.retry}
        </Button>
      )}
      {words.requestId && (
        <Text c="dimmed" size="xs" ff="monospace">
          {strings.common.requestId(words.requestId)}
        </Text>
      )}
    </div>
  );
}

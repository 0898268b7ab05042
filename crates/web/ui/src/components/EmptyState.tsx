import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./State.module.css";

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  /** What to do about it. */
  actions?: ReactNode;
  compact?: boolean;
}

/** Nothing to show, why, and what to do about it. */
export function EmptyState({ icon, title, children, actions, compact }: EmptyStateProps) {
  return (
    <div className={classes.state} data-compact={compact || undefined}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <p className={classes.title}>{title}</p>
      {children && (
        <Text component="div" c="dimmed" size="sm" maw={420} ta="center">
          {children}
        </Text>
      )}
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

import { Button, Tooltip, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";

interface GatedButtonProps extends ButtonProps {
  /** Why it can't be used now, if so. It stays in reach of the keyboard, so that this can be read. */
  reason?: string | null | false;
  onClick?: () => void;
  children: ReactNode;
}

/** A button that says why it is disabled. */
export function GatedButton({ reason, onClick, children, ...props }: GatedButtonProps) {
  if (!reason) {
    return (
      <Button {...props} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...props}
        bg={props.variant === "subtle" ? "transparent" : undefined}
        aria-disabled
        data-disabled
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

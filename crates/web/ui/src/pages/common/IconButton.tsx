import { ActionIcon, Tooltip, type ActionIconProps } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ComponentPropsWithRef } from "react";

interface IconButtonProps
  extends Omit<ActionIconProps, "children">,
    Omit<ComponentPropsWithRef<"button">, keyof ActionIconProps | "children"> {
  label: string;
  icon: Icon;
}

/** A button that is an icon, named on hover and for readers. */
export function IconButton({ label, icon: Glyph, ...props }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={36} aria-label={label} {...props}>
        <Glyph size={18} stroke={1.8} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

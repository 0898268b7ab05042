import { PasswordInput, type PasswordInputProps } from "@mantine/core";

import { common } from "../../strings/common";

const visibilityToggleButtonProps = { "aria-label": common.showTyped };

/** A field for a secret. Mantine's own doesn't tell readers that it is the one with an error. */
export function PasswordField(props: PasswordInputProps) {
  return (
    <PasswordInput
      aria-invalid={props.error ? true : undefined}
      visibilityToggleButtonProps={visibilityToggleButtonProps}
      {...props}
    />
  );
}

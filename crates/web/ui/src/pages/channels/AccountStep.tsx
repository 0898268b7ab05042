import { Anchor, Collapse, Stack, Switch, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconExternalLink } from "@tabler/icons-react";
import { useState } from "react";
import { PasswordField } from "../common/PasswordField";
import { channels } from "../../strings/channels";
import type { ConnectValues } from "./credentials";

const t = channels.wizard;
/** Keeps password managers from offering the page's own login here. */
const NO_MANAGER = { autoComplete: "off", "data-1p-ignore": true, "data-lpignore": "true", spellCheck: false };

export function AccountStep({ form }: { form: UseFormReturnType<ConnectValues> }) {
  const [withKey, setWithKey] = useState(form.values.apiKeySid !== "" || form.values.apiKeySecret !== "");
  const toggle = (on: boolean) => {
    setWithKey(on);
    if (!on) form.setValues({ apiKeySid: "", apiKeySecret: "" });
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t.accountText}{" "}
        <Anchor underline="always" href="https://console.twilio.com/" target="_blank" rel="noreferrer" size="sm">
          {t.console} <IconExternalLink size={13} aria-hidden style={{ verticalAlign: "-2px" }} />
        </Anchor>
      </Text>
      <TextInput
        label={t.accountSid}
        placeholder={t.accountSidPlaceholder}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        data-autofocus
        {...NO_MANAGER}
        {...form.getInputProps("accountSid")}
      />
      <PasswordField label={t.authToken} description={t.authTokenHint} {...NO_MANAGER} {...form.getInputProps("authToken")} />
      <Switch label={t.apiKeyToggle} checked={withKey} onChange={(event) => toggle(event.currentTarget.checked)} />
      <Collapse expanded={withKey}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t.apiKeyText}
          </Text>
          <TextInput label={t.apiKeySid} placeholder={t.apiKeySidPlaceholder} {...NO_MANAGER} {...form.getInputProps("apiKeySid")} />
          <PasswordField label={t.apiKeySecret} {...NO_MANAGER} {...form.getInputProps("apiKeySecret")} />
        </Stack>
      </Collapse>
    </Stack>
  );
}

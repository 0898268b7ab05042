import { Anchor, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconExternalLink } from "@tabler/icons-react";
import { channels } from "../../strings/channels";
import type { ConnectValues } from "./credentials";

const t = channels.wizard;

export function NumberStep({ form }: { form: UseFormReturnType<ConnectValues> }) {
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t.numberText}{" "}
        <Anchor underline="always" href="https://console.twilio.com/us1/develop/phone-numbers/manage/search" target="_blank" rel="noreferrer" size="sm">
          {t.buy} <IconExternalLink size={13} aria-hidden style={{ verticalAlign: "-2px" }} />
        </Anchor>
      </Text>
      <TextInput
        label={t.phoneNumber}
        placeholder={t.phonePlaceholder}
        type="tel"
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("phoneNumber")}
      />
      <TextInput label={t.name} description={t.nameHint} autoComplete="off" {...form.getInputProps("name")} />
      <TextInput
        label={t.service}
        description={t.serviceHint}
        placeholder={t.servicePlaceholder}
        autoComplete="off"
        {...form.getInputProps("messagingServiceSid")}
      />
    </Stack>
  );
}

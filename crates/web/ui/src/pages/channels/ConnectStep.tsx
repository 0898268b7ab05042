import { Radio, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { channels } from "../../strings/channels";
import { formatPhone } from "../../lib/phone";
import type { ConnectValues } from "./credentials";
import { maskedSid } from "./masked";
import { ModeChoice } from "./ModeChoice";
import classes from "./ConnectStep.module.css";

const t = channels.wizard;

/** What is about to happen, before it happens. */
export function ConnectStep({ form }: { form: UseFormReturnType<ConnectValues> }) {
  const { name, phoneNumber, accountSid } = form.values;
  return (
    <Stack gap="md">
      <div className={classes.summary}>
        <Text size="sm" c="dimmed">
          {t.summary}
        </Text>
        <Text fw={650} size="lg">
          {formatPhone(phoneNumber.trim())}
        </Text>
        <Text size="sm">
          {name.trim()} · <code>{maskedSid(accountSid.trim())}</code>
        </Text>
      </div>
      <Radio.Group label={t.mode} {...form.getInputProps("mode")}>
        <ModeChoice />
      </Radio.Group>
      <div>
        <Text size="sm" fw={550}>
          {t.how}
        </Text>
        <ol className={classes.how}>
          {t.howSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </div>
    </Stack>
  );
}

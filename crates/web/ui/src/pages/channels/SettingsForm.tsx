import { Button, Fieldset, Group, NumberInput, Radio, Stack, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { notifyDone } from "../../components/notify";
import { PasswordField } from "../common/PasswordField";
import { channels } from "../../strings/channels";
import { common } from "../../strings/common";
import { fieldProblems } from "../common/fields";
import { useChangeChannel } from "../data/channels";
import type { Channel } from "../model";
import { ModeChoice } from "./ModeChoice";
import { SETTINGS_FIELDS, settingsOf, settingsPatch, type SettingsValues } from "./settingsPatch";
import { TwilioTrouble } from "./TwilioTrouble";

const t = channels.settings;

export function SettingsForm({ channel, onDone }: { channel: Channel; onDone: () => void }) {
  const [before] = useState(() => settingsOf(channel));
  const form = useForm<SettingsValues>({ initialValues: before });
  const change = useChangeChannel(channel.id);
  const { fields, rest } = fieldProblems(change.error, SETTINGS_FIELDS);
  const save = (values: SettingsValues) =>
    change.mutate(settingsPatch(before, values), {
      onSuccess: () => {
        notifyDone(channels.actions.saved);
        onDone();
      },
    });
  const secret = { autoComplete: "off", "data-1p-ignore": true, "data-lpignore": "true" };
  return (
    <form onSubmit={form.onSubmit(save)} noValidate>
      <Stack gap="lg">
        <TextInput label={t.name} description={t.nameHint} {...form.getInputProps("name")} error={fields.name} data-autofocus />
        <Radio.Group label={t.mode} {...form.getInputProps("mode")} error={fields.mode}>
          <ModeChoice />
        </Radio.Group>
        <NumberInput
          label={t.pace}
          description={t.paceHint}
          placeholder={t.paceDefault}
          min={0.01}
          max={1000}
          decimalScale={2}
          value={form.values.pace}
          onChange={(pace) => form.setFieldValue("pace", typeof pace === "number" ? pace : "")}
          error={fields.messages_per_second}
        />
        <Switch
          label={t.deleteMedia}
          description={t.deleteMediaHint}
          {...form.getInputProps("deleteMedia", { type: "checkbox" })}
        />
        <Fieldset legend={t.credentials}>
          <Stack gap="md">
            <PasswordField
              label={t.token}
              description={t.credentialsHint}
              placeholder={t.tokenPlaceholder}
              {...secret}
              {...form.getInputProps("authToken")}
              error={fields.authToken}
            />
            <TextInput label={t.service} description={t.serviceHint} {...secret} {...form.getInputProps("messagingServiceSid")} error={fields.messagingServiceSid} />
            <TextInput label={t.apiKey} description={t.apiKeyHint} {...secret} {...form.getInputProps("apiKeySid")} error={fields.apiKeySid} />
            {form.values.apiKeySid.trim() !== "" && (
              <PasswordField
                label={t.apiSecret}
                placeholder={before.apiKeySid ? t.tokenPlaceholder : undefined}
                {...secret}
                {...form.getInputProps("apiKeySecret")}
                error={fields.apiKeySecret}
              />
            )}
          </Stack>
        </Fieldset>
        <TwilioTrouble error={rest || Object.keys(fields).length > 0 ? change.error : null} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
            {t.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

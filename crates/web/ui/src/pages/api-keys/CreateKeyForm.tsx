import { Button, Group, Radio, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { components } from "../../api/schema";
import { apiKeys } from "../../strings/apiKeys";
import { common } from "../../strings/common";
import { fieldProblems } from "../common/fields";
import { Trouble } from "../common/Trouble";
import { useRetryKey } from "../common/useRetryKey";
import { useCreateApiKey } from "../data/team";
import type { Scope } from "../model";
import { ScopeTable } from "./ScopeTable";
import { expiry } from "./scopes";

const t = apiKeys.form;
const FIELDS = ["name", "scopes", "expires_at"] as const;
const NEVER = "never";

export type CreatedKey = components["schemas"]["CreatedApiKey"];

interface CreateKeyFormProps {
  onCancel: () => void;
  onCreated: (created: CreatedKey) => void;
}

export function CreateKeyForm({ onCancel, onCreated }: CreateKeyFormProps) {
  const form = useForm({
    initialValues: { name: "", limit: "some", scopes: [] as Scope[], days: "90" },
    validate: {
      scopes: (scopes, { limit }) => (limit === "some" && scopes.length === 0 ? t.none : null),
    },
  });
  const create = useCreateApiKey();
  const keyFor = useRetryKey(create.error);
  const { fields, rest } = fieldProblems(create.error, FIELDS);
  const { limit, scopes, days } = form.values;
  const save = (values: typeof form.values) => {
    const body = {
      name: values.name.trim(),
      scopes: values.limit === "some" ? values.scopes : null,
      expires_at: expiry(values.days === NEVER ? null : Number(values.days), new Date()),
    };
    create.mutate({ body, key: keyFor(values) }, { onSuccess: onCreated });
  };
  return (
    <form noValidate onSubmit={form.onSubmit(save)}>
      <Stack gap="md">
        <TextInput label={t.name} description={t.nameHint} autoComplete="off" data-autofocus {...form.getInputProps("name")} error={fields.name} />
        <Radio.Group label={t.scopes} {...form.getInputProps("limit")}>
          <Stack gap={10} mt={8}>
            <Radio value="some" label={t.some} />
            <Radio value="all" label={t.all} description={t.allHint} />
          </Stack>
        </Radio.Group>
        {limit === "some" && (
          <ScopeTable
            value={scopes}
            onChange={(next) => form.setFieldValue("scopes", next)}
            error={form.errors["scopes"] ?? fields.scopes}
          />
        )}
        <Select
          label={t.expires}
          allowDeselect={false}
          data={[...Object.entries(t.days).map(([value, label]) => ({ value, label })), { value: NEVER, label: t.never }]}
          value={days}
          onChange={(value) => form.setFieldValue("days", value ?? NEVER)}
          error={fields.expires_at}
        />
        <Trouble error={rest ? create.error : null} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

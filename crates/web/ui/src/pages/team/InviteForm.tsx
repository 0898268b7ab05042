import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { hasCode } from "../../api/problem";
import type { components } from "../../api/schema";
import { common } from "../../strings/common";
import { team } from "../../strings/team";
import { fieldProblems } from "../common/fields";
import { useMay } from "../common/may";
import { Trouble } from "../common/Trouble";
import { useRetryKey } from "../common/useRetryKey";
import { useInvite } from "../data/team";
import type { Role } from "../model";
import { rolesOf } from "./rules";

const t = team.form;
const FIELDS = ["email", "name", "role"] as const;

export type Invited = components["schemas"]["CreatedUser"];

interface InviteFormProps {
  onCancel: () => void;
  onInvited: (invited: Invited) => void;
}

export function InviteForm({ onCancel, onInvited }: InviteFormProps) {
  const { role } = useMay();
  const form = useForm({ initialValues: { email: "", name: "", role: "agent" as Role } });
  const invite = useInvite();
  const keyFor = useRetryKey(invite.error);
  const { fields, rest } = fieldProblems(invite.error, FIELDS);
  const taken = hasCode(invite.error, "email_taken");
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => invite.mutate({ ...values, key: keyFor(values) }, { onSuccess: onInvited }))}
    >
      <Stack gap="md">
        <TextInput
          label={t.email}
          description={t.emailHint}
          type="email"
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps("email")}
          error={fields.email ?? (taken ? t.taken : undefined)}
        />
        <TextInput label={t.name} description={t.nameHint} autoComplete="off" {...form.getInputProps("name")} error={fields.name} />
        <Radio.Group label={t.role} {...form.getInputProps("role")} error={fields.role}>
          <Stack gap={10} my={8}>
            {rolesOf(role).map((value) => (
              <Radio key={value} value={value} label={common.roles[value]} description={team.roleHints[value]} />
            ))}
          </Stack>
        </Radio.Group>
        <Trouble error={rest && !taken ? invite.error : null} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={invite.isPending}>
            {t.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

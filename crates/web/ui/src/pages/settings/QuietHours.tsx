import { Button, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { ChangeEvent } from "react";
import { notifyDone } from "../../components/notify";
import { settings } from "../../strings/settings";
import { fieldProblems } from "../common/fields";
import { useMay } from "../common/may";
import { Section } from "../common/Section";
import { Facts } from "../common/Facts";
import { Trouble } from "../common/Trouble";
import { useChangeTenant } from "../data/team";
import type { Tenant } from "../model";
import classes from "./SettingsPage.module.css";

const t = settings.quiet;
const FIELDS = ["start", "end", "enabled"] as const;

/** `HH:MM` of a time that may have seconds. */
const minutes = (time: string) => time.slice(0, 5);

/** When bulk texts are held back. Owners change it, the others read it. */
export function QuietHours({ tenant }: { tenant: Tenant }) {
  const { own } = useMay();
  const { enabled, start, end } = tenant.quiet_hours;
  return (
    <Section title={t.title} text={t.text} beside>
      {own ? (
        <Form tenant={tenant} />
      ) : (
        <Facts facts={[[t.night, enabled ? t.fromTo(minutes(start), minutes(end)) : t.off]]} note={settings.ownerOnly} />
      )}
    </Section>
  );
}

function Form({ tenant }: { tenant: Tenant }) {
  const { enabled, start, end } = tenant.quiet_hours;
  const form = useForm({
    initialValues: { enabled, start: minutes(start), end: minutes(end) },
    validate: { end: (value, { start: from }) => (value === from ? t.same : null) },
  });
  const change = useChangeTenant();
  const { fields, rest } = fieldProblems(change.error, FIELDS);
  const save = (values: typeof form.values) =>
    change.mutate(
      { quiet_hours: values },
      {
        onSuccess: () => {
          form.resetDirty(values);
          notifyDone(t.saved);
        },
      },
    );
  const time = (field: "start" | "end") => ({
    type: "time",
    label: t[field],
    disabled: !form.values.enabled,
    value: form.values[field],
    onChange: (event: ChangeEvent<HTMLInputElement>) => form.setFieldValue(field, minutes(event.currentTarget.value)),
    error: form.errors[field] ?? fields[field],
  });
  return (
    <form className={classes.form} noValidate onSubmit={form.onSubmit(save)}>
      <Switch label={t.enabled} {...form.getInputProps("enabled", { type: "checkbox" })} />
      <div className={classes.times}>
        <TextInput {...time("start")} />
        <TextInput {...time("end")} />
      </div>
      <span className={classes.soft}>{t.hint}</span>
      <Trouble error={rest ? change.error : null} />
      <div className={classes.foot}>
        <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

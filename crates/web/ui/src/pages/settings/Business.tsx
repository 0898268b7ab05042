import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifyDone } from "../../components/notify";
import { settings } from "../../strings/settings";
import { fieldProblems } from "../common/fields";
import { useMay } from "../common/may";
import { PlaceFields } from "../common/PlaceFields";
import { Facts } from "../common/Facts";
import { Section } from "../common/Section";
import { Trouble } from "../common/Trouble";
import { useChangeTenant } from "../data/team";
import type { Tenant } from "../model";
import { countryName } from "./places";
import classes from "./SettingsPage.module.css";

const t = settings.business;
const FIELDS = ["name", "default_country", "timezone"] as const;

/** What the business is called and where it is. Owners change it, the others read it. */
export function Business({ tenant }: { tenant: Tenant }) {
  const { own } = useMay();
  const { name, default_country: country, timezone } = tenant;
  return (
    <Section title={t.title} text={t.text} beside>
      {own ? (
        <Form tenant={tenant} />
      ) : (
        <Facts
          facts={[
            [t.name, name],
            [t.country, countryName(country, "en")],
            [t.timezone, timezone.replaceAll("_", " ")],
          ]}
          note={settings.ownerOnly}
        />
      )}
    </Section>
  );
}

function Form({ tenant }: { tenant: Tenant }) {
  const form = useForm({
    initialValues: { name: tenant.name, default_country: tenant.default_country, timezone: tenant.timezone },
  });
  const change = useChangeTenant();
  const { fields, rest } = fieldProblems(change.error, FIELDS);
  const save = (values: typeof form.values) =>
    change.mutate(values, {
      onSuccess: () => {
        form.resetDirty(values);
        notifyDone(t.saved);
      },
    });
  return (
    <form className={classes.form} noValidate onSubmit={form.onSubmit(save)}>
      <TextInput label={t.name} {...form.getInputProps("name")} error={fields.name} />
      <PlaceFields
        country={form.values.default_country}
        timezone={form.values.timezone}
        onCountry={(country) => form.setFieldValue("default_country", country ?? tenant.default_country)}
        onTimezone={(timezone) => form.setFieldValue("timezone", timezone ?? tenant.timezone)}
        countryHint={t.countryHint}
        timezoneHint={t.timezoneHint}
        countryError={fields.default_country}
        timezoneError={fields.timezone}
      />
      <Trouble error={rest ? change.error : null} />
      <div className={classes.foot}>
        <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

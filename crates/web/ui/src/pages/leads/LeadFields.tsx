import { Button, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useMe } from "../../api/client";
import { hasCode } from "../../api/problem";
import { notifyDone } from "../../components/notify";
import { common } from "../../strings/common";
import { leads } from "../../strings/leads";
import { PlaceFields } from "../common/PlaceFields";
import { fieldProblems } from "../common/fields";
import { LinkAnchor } from "../common/links";
import { Trouble } from "../common/Trouble";
import { useRetryKey } from "../common/useRetryKey";
import { useAddLead, useChangeLead } from "../data/leads";
import { LEAD_SOURCES, LEAD_STATUSES, type Lead } from "../model";
import { countryName } from "../settings/places";
import { BLANK, isNobody, LEAD_FIELDS, leadPatch, newLead, valuesOf, type LeadValues } from "./leadValues";
import { nameOf } from "./names";

const t = leads.form;

interface LeadFieldsProps {
  lead?: Lead;
  onCancel: () => void;
  onSaved: (lead: Lead) => void;
}

export function LeadFields({ lead, onCancel, onSaved }: LeadFieldsProps) {
  const { tenant } = useMe();
  // What is edited is what was there when the form opened, whatever arrives meanwhile.
  const [before] = useState(() => (lead ? valuesOf(lead) : BLANK));
  const form = useForm<LeadValues>({ initialValues: before });
  const add = useAddLead();
  const keyFor = useRetryKey(add.error);
  const change = useChangeLead(lead?.id ?? "");
  const saving = lead ? change : add;
  const [nobody, setNobody] = useState(false);
  const { fields, rest } = fieldProblems(saving.error, LEAD_FIELDS);

  const save = (values: LeadValues) => {
    setNobody(isNobody(values));
    if (isNobody(values)) return;
    const onSuccess = (saved: Lead) => {
      notifyDone(lead ? t.saved : t.added(nameOf(saved)));
      onSaved(saved);
    };
    if (lead) change.mutate(leadPatch(before, values), { onSuccess });
    else add.mutate({ body: newLead(values), key: keyFor(values) }, { onSuccess });
  };

  const taken = hasCode(saving.error, "lead_exists");
  return (
    <form onSubmit={form.onSubmit(save)} noValidate>
      <Stack gap="md">
        {!lead && (
          <Text size="sm" c="dimmed">
            {t.intro}
          </Text>
        )}
        <TextInput label={t.name} autoComplete="off" data-autofocus {...form.getInputProps("name")} error={fields.name} />
        <TextInput
          label={t.phone}
          description={t.phoneHint(countryName(tenant.default_country, "en"))}
          type="tel"
          autoComplete="off"
          {...form.getInputProps("phone")}
          error={fields.phone ?? (taken ? t.taken : undefined)}
        />
        {taken && (
          <LinkAnchor to="/leads" search={{ q: form.values.phone }} onClick={onCancel}>
            {t.openOther}
          </LinkAnchor>
        )}
        <TextInput label={t.email} type="email" autoComplete="off" {...form.getInputProps("email")} error={fields.email} />
        <Group grow align="flex-start">
          <Select
            label={t.status}
            allowDeselect={false}
            data={LEAD_STATUSES.map((value) => ({ value, label: leads.statuses[value] }))}
            {...form.getInputProps("status")}
            error={fields.status}
          />
          <Select
            label={t.source}
            allowDeselect={false}
            data={LEAD_SOURCES.map((value) => ({ value, label: leads.sources[value] }))}
            {...form.getInputProps("source")}
            error={fields.source}
          />
        </Group>
        <TagsInput label={t.tags} description={t.tagsHint} acceptValueOnBlur {...form.getInputProps("tags")} error={fields.tags} />
        <PlaceFields
          country={form.values.country}
          timezone={form.values.timezone}
          onCountry={(country) => form.setFieldValue("country", country)}
          onTimezone={(timezone) => form.setFieldValue("timezone", timezone)}
          countryError={fields.country}
          timezoneError={fields.timezone}
          timezoneHint={t.timezoneHint}
          clearable
        />
        {nobody && isNobody(form.values) && (
          <Text size="sm" c="var(--danger)" role="alert">
            {t.nothing}
          </Text>
        )}
        <Trouble error={rest && !taken ? saving.error : null} />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={lead !== undefined && !form.isDirty()}>
            {lead ? t.save : t.add}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

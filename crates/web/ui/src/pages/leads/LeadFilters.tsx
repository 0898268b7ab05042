import { Select, TextInput } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";
import { leads } from "../../strings/leads";
import { useTyped } from "../common/useTyped";
import { LEAD_SOURCES, LEAD_STATUSES, type LeadSource, type LeadStatus } from "../model";
import type { LeadSearch } from "./search";

const t = leads.search;

interface LeadFiltersProps {
  search: LeadSearch;
  onChange: (search: LeadSearch) => void;
  /** A row has no labels but for readers; what is chosen says enough. */
  layout: "row" | "column";
}

export function LeadFilters({ search, onChange, layout }: LeadFiltersProps) {
  const row = layout === "row";
  const named = (label: string) =>
    row ? { "aria-label": label, placeholder: label, w: 148 } : { label, placeholder: t.any };
  return (
    <>
      <Select
        {...named(t.status)}
        clearable
        data={LEAD_STATUSES.map((value) => ({ value, label: leads.statuses[value] }))}
        value={search.stage ?? null}
        onChange={(stage) => onChange({ ...search, stage: (stage as LeadStatus | null) ?? undefined })}
      />
      <Select
        {...named(t.source)}
        clearable
        data={LEAD_SOURCES.map((value) => ({ value, label: leads.sources[value] }))}
        value={search.source ?? null}
        onChange={(source) => onChange({ ...search, source: (source as LeadSource | null) ?? undefined })}
      />
      <Select
        {...named(t.sms)}
        clearable
        data={[
          { value: "yes", label: t.smsYes },
          { value: "no", label: t.smsNo },
        ]}
        value={search.sms === undefined ? null : search.sms ? "yes" : "no"}
        onChange={(sms) => onChange({ ...search, sms: sms === null ? undefined : sms === "yes" })}
      />
      <TagBox search={search} onChange={onChange} named={named(t.tag)} />
    </>
  );
}

function TagBox({ search, onChange, named }: Omit<LeadFiltersProps, "layout"> & { named: object }) {
  const [typed, change] = useTyped(
    search.tag ?? "",
    (tag) => onChange({ ...search, tag: tag.trim() || undefined }),
    500,
  );
  return (
    <TextInput
      {...named}
      leftSection={<IconTag size={15} stroke={1.8} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

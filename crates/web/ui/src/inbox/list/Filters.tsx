import { Button, Select, Switch } from "@mantine/core";

import { strings } from "../../app/strings";
import { formatPhone } from "../../lib/phone";
import { useChannels, useLabels, useUsers } from "../queries";
import { STATUSES, type InboxSearch } from "../search";
import { activeFilters } from "./activeFilters";
import { useSetSearch } from "./useSetSearch";
import classes from "./ListPane.module.css";

const t = strings.inbox;

/** What narrows the list down, as a form. */
export function Filters({ search }: { search: InboxSearch }) {
  const set = useSetSearch();
  const channels = useChannels().data ?? [];
  const labels = useLabels().data ?? [];
  const users = useUsers().data ?? [];
  const inner = { comboboxProps: { withinPortal: false }, size: "sm" as const };
  return (
    <div className={classes.filters}>
      <Select
        {...inner}
        label={t.filters.status}
        data={[...STATUSES, "any" as const].map((value) => ({ value, label: t.status[value] }))}
        value={search.status ?? "open"}
        allowDeselect={false}
        onChange={(value) => set({ status: value === "open" ? undefined : (value as InboxSearch["status"]) })}
      />
      <Select
        {...inner}
        label={t.filters.channel}
        placeholder={t.filters.anyChannel}
        clearable
        data={channels.map((channel) => ({
          value: channel.id,
          label: `${channel.name} · ${formatPhone(channel.credentials.phoneNumber)}`,
        }))}
        value={search.channel ?? null}
        onChange={(value) => set({ channel: value ?? undefined })}
      />
      {labels.length > 0 && (
        <Select
          {...inner}
          label={t.filters.tag}
          placeholder={t.filters.anyLabel}
          clearable
          searchable
          data={labels.map((label) => label.name)}
          value={search.label ?? null}
          onChange={(value) => set({ label: value ?? undefined })}
        />
      )}
      <Select
        {...inner}
        label={t.filters.assignee}
        placeholder={t.filters.anyone}
        clearable
        searchable
        data={users.map((user) => ({ value: user.id, label: user.name }))}
        value={search.tab === undefined || search.tab === "all" ? (search.assignee ?? null) : null}
        onChange={(value) => set({ assignee: value ?? undefined, tab: undefined })}
      />
      <Switch
        label={t.filters.unread}
        checked={search.unread === true}
        onChange={(event) => set({ unread: event.currentTarget.checked || undefined })}
      />
      <Button
        variant="default"
        disabled={activeFilters(search) === 0}
        onClick={() =>
          set({ status: undefined, channel: undefined, label: undefined, assignee: undefined, unread: undefined })
        }
      >
        {t.filters.clear}
      </Button>
    </div>
  );
}

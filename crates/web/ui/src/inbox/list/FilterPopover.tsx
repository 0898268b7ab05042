import { ActionIcon, Button, Popover, Select, Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";

import { strings } from "../../app/strings";
import { formatPhone } from "../../lib/phone";
import { useChannels, useLabels, useUsers } from "../queries";
import { STATUSES, type InboxSearch } from "../search";
import { useSetSearch } from "./ListHeader";
import classes from "./ListPane.module.css";

const t = strings.inbox;

/** How many filters narrow the list down, beside the tab. */
export function activeFilters(search: InboxSearch): number {
  return [search.status, search.unread, search.channel, search.label, search.assignee].filter(Boolean).length;
}

/** By status, unread, number, label and assignee. */
export function FilterPopover({ search }: { search: InboxSearch }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const active = activeFilters(search);
  const label = active > 0 ? t.filters.active(active) : t.filters.label;
  return (
    <Popover opened={opened} onChange={close} position="bottom-end" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <ActionIcon variant={active > 0 ? "light" : "subtle"} color={active > 0 ? undefined : "gray"} size={34} onClick={toggle} aria-label={label} title={label}>
          <IconFilter size={18} stroke={1.8} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.filters.label}>
        <Filters search={search} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Filters({ search }: { search: InboxSearch }) {
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

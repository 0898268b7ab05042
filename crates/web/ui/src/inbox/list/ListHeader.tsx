import { ActionIcon, CloseButton, Menu, TextInput, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { strings } from "../../app/strings";
import { useCounts } from "../queries";
import { SORTS, TABS, type InboxSearch } from "../search";
import { FilterPopover } from "./FilterPopover";
import { useSetSearch } from "./useSetSearch";
import classes from "./ListPane.module.css";

const t = strings.inbox;

/** Title, search, sort, filter and the tabs. */
export function ListHeader({ search }: { search: InboxSearch }) {
  const set = useSetSearch();
  return (
    <header className={classes.header}>
      <div className={classes.titleLine}>
        <h1 className={classes.title}>{t.title}</h1>
        <SortMenu search={search} />
        <FilterPopover search={search} />
      </div>
      <SearchField value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
      <Tabs current={search.tab ?? "all"} onChange={(tab) => set({ tab: tab === "all" ? undefined : tab })} />
    </header>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), 250);
    return () => clearTimeout(timer);
  });
  return (
    <TextInput
      type="search"
      size="sm"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && setText("")}
      placeholder={t.searchPlaceholder}
      aria-label={t.searchPlaceholder}
      variant="filled"
      leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
      rightSection={text && <CloseButton size="sm" onClick={() => setText("")} aria-label={t.clearSearch} />}
    />
  );
}

function SortMenu({ search }: { search: InboxSearch }) {
  const set = useSetSearch();
  const current = search.sort ?? "newest";
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <Tooltip label={`${t.sort.label}: ${t.sort[current]}`}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={`${t.sort.label}: ${t.sort[current]}`}>
            <IconArrowsSort size={18} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={current} onChange={(sort) => set({ sort: SORTS.find((one) => one === sort && one !== "newest") })}>
          {SORTS.map((sort) => (
            <Menu.RadioItem key={sort} value={sort} closeMenuOnClick>
              {t.sort[sort]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

type Tab = (typeof TABS)[number];

function Tabs({ current, onChange }: { current: Tab; onChange: (tab: Tab) => void }) {
  const counts = useCounts().data?.open;
  return (
    <div className={classes.tabs} role="tablist" aria-label={t.tabs.label}>
      {TABS.map((tab, index) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          aria-selected={tab === current}
          aria-controls="conversation-list"
          tabIndex={tab === current ? 0 : -1}
          className={classes.tab}
          onClick={() => onChange(tab)}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = TABS[(index + step + TABS.length) % TABS.length];
            if (step === 0 || !next) return;
            onChange(next);
            document.getElementById(`tab-${next}`)?.focus();
          }}
        >
          {t.tabs[tab]}
          {counts && <span className={classes.count}>{counts[tab] >= 1000 ? "1000+" : counts[tab]}</span>}
        </button>
      ))}
    </div>
  );
}

import { Button, Drawer, Indicator, Stack, TextInput } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconSearch, IconX } from "@tabler/icons-react";
import { useRef } from "react";
import { useShortcuts } from "../../lib/shortcuts";
import { common } from "../../strings/common";
import { leads } from "../../strings/leads";
import { useTyped } from "../common/useTyped";
import { LeadFilters } from "./LeadFilters";
import { filterCount, type LeadSearch } from "./search";
import classes from "./LeadToolbar.module.css";

const t = leads.search;

interface LeadToolbarProps {
  search: LeadSearch;
  onChange: (search: LeadSearch) => void;
}

/** The text to search for and the filters; these are in a drawer where there is no room. */
export function LeadToolbar({ search, onChange }: LeadToolbarProps) {
  const roomy = useMediaQuery("(min-width: 1100px)");
  const [opened, drawer] = useDisclosure(false);
  const count = filterCount(search);
  return (
    <div className={classes.bar} role="search" aria-label={t.label}>
      <SearchBox value={search.q ?? ""} onChange={(q) => onChange({ ...search, q: q || undefined })} />
      {roomy ? (
        <>
          <LeadFilters search={search} onChange={onChange} layout="row" />
          {count > 0 && (
            <Button variant="subtle" color="gray" leftSection={<IconX size={14} />} onClick={() => onChange({ q: search.q })}>
              {t.clear}
            </Button>
          )}
        </>
      ) : (
        <Indicator label={count} size={18} disabled={count === 0} offset={4}>
          <Button
            variant="default"
            onClick={drawer.open}
            leftSection={<IconAdjustmentsHorizontal size={16} />}
            aria-label={count > 0 ? t.filtersOn(count) : t.filters}
          >
            {t.filters}
          </Button>
        </Indicator>
      )}
      <Drawer opened={opened && !roomy} onClose={drawer.close} position="bottom" size="auto" title={t.filters}>
        <Stack pb="md">
          <LeadFilters search={search} onChange={onChange} layout="column" />
          <Button.Group>
            <Button variant="default" fullWidth onClick={() => onChange({ q: search.q })} disabled={count === 0}>
              {t.clear}
            </Button>
            <Button fullWidth onClick={drawer.close}>
              {common.close}
            </Button>
          </Button.Group>
        </Stack>
      </Drawer>
    </div>
  );
}

/** Asks once typing pauses, not at every letter. */
function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, change] = useTyped(value, onChange);
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  return (
    <TextInput
      ref={input}
      className={classes.search}
      type="search"
      aria-label={t.label}
      aria-keyshortcuts="/"
      placeholder={t.placeholder}
      leftSection={<IconSearch size={16} stroke={1.8} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && typed !== "") change("");
      }}
    />
  );
}

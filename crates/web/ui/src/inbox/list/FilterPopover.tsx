import { ActionIcon, Popover, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import { strings } from "../../app/strings";
import type { InboxSearch } from "../search";
import { activeFilters } from "./activeFilters";
import classes from "./ListPane.module.css";

const Filters = lazy(() => import("./Filters").then((m) => ({ default: m.Filters })));
const t = strings.inbox;

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
        <Suspense fallback={<Skeleton className={classes.filters} height={360} />}>
          <Filters search={search} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

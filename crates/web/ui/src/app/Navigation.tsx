import { Menu, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconDots, IconSearch } from "@tabler/icons-react";

import { useMe } from "../api/client";
import { Mark } from "../components/Mark";
import { AccountMenu } from "./AccountMenu";
import { overlay } from "./commands";
import { destinations, reaches, type Destination } from "./navigation";
import { strings } from "./strings";
import { useUnreadTotal } from "../inbox/useCounts";
import classes from "./Navigation.module.css";

const t = strings.common.nav;

/** The rail at the left; on a phone the bar at the bottom. */
export function Navigation() {
  const { user } = useMe();
  const unread = useUnreadTotal();
  const mine = destinations.filter((entry) => reaches(user.role, entry.role));
  const rest = mine.filter((entry) => !entry.primary);
  return (
    <nav className={classes.rail} aria-label={t.label}>
      <Link to="/inbox" className={classes.mark} aria-label={strings.common.product}>
        <Mark size={34} />
      </Link>
      {mine.map((entry) => (
        <Entry key={entry.to} entry={entry} badge={entry.to === "/inbox" ? unread : 0} />
      ))}
      <More rest={rest} />
      <div className={classes.spacer} />
      <UnstyledButton className={classes.tool} onClick={() => overlay.set("commands")} aria-label={t.commands}>
        <IconSearch size={20} stroke={1.7} aria-hidden />
      </UnstyledButton>
      <AccountMenu />
    </nav>
  );
}

function Entry({ entry, badge }: { entry: Destination; badge: number }) {
  return (
    <Link
      to={entry.to}
      className={classes.entry}
      data-primary={entry.primary || undefined}
      activeProps={{ "data-active": true }}
    >
      <span className={classes.icon}>
        <entry.icon size={21} stroke={1.6} aria-hidden />
        {badge > 0 && <span className={classes.badge}>{badge > 99 ? "99+" : badge}</span>}
      </span>
      <span className={classes.label}>{entry.label}</span>
    </Link>
  );
}

/** What has no place in the bar of a phone. */
function More({ rest }: { rest: readonly Destination[] }) {
  return (
    <Menu position="top-end" width={200}>
      <Menu.Target>
        <UnstyledButton className={classes.more}>
          <span className={classes.icon}>
            <IconDots size={21} stroke={1.6} aria-hidden />
          </span>
          <span className={classes.label}>{strings.common.more}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {rest.map((entry) => (
          <Menu.Item key={entry.to} component={Link} to={entry.to} leftSection={<entry.icon size={16} stroke={1.7} />}>
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

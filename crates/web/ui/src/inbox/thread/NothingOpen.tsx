import { IconMessages } from "@tabler/icons-react";

import { strings } from "../../app/strings";
import { EmptyState } from "../../components/EmptyState";
import { Keys } from "../../components/Keys";
import classes from "./Thread.module.css";

/** Beside the list while no conversation is open. */
export function NothingOpen() {
  const t = strings.inbox.empty;
  return (
    <div className={classes.pane}>
      <EmptyState icon={<IconMessages size={24} stroke={1.7} />} title={t.pickTitle}>
        {t.pick} <Keys combo="alt+j" /> <Keys combo="alt+k" />
      </EmptyState>
    </div>
  );
}

import { IconMessages } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import { strings } from "../../app/strings";
import { EmptyState } from "../../components/EmptyState";
import { Keys } from "../../components/Keys";
import inbox from "../Inbox.module.css";
import classes from "./Thread.module.css";

const FirstRunGuide = lazy(() => import("../../pages/guide/FirstRunGuide").then((m) => ({ default: m.FirstRunGuide })));

/** Beside the list while no conversation is open: what to do first, as long as something is. */
export function NothingOpen() {
  const t = strings.inbox.empty;
  return (
    <div className={inbox.thread}>
      <div className={classes.pane} data-empty>
        <div className={classes.guide}>
          <Suspense>
            <FirstRunGuide />
          </Suspense>
        </div>
        <div className={classes.pick}>
          <EmptyState icon={<IconMessages size={24} stroke={1.7} />} title={t.pickTitle}>
            {t.pick} <Keys combo="alt+j" /> <Keys combo="alt+k" />
          </EmptyState>
        </div>
      </div>
    </div>
  );
}

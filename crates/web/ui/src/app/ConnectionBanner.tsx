import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useConnection } from "../events/useEvents";
import { strings } from "./strings";
import classes from "./Shell.module.css";

/** A moment's loss is caught up silently; only what lasts is worth a banner. */
const PATIENCE_MS = 2_500;

export function ConnectionBanner() {
  const state = useConnection();
  const [shown, setShown] = useState<"polling" | "offline" | null>(null);
  const trouble = state === "polling" || state === "offline" ? state : null;
  useEffect(() => {
    const timer = setTimeout(() => setShown(trouble), trouble ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [trouble]);

  return (
    <div role="status" aria-live="polite">
      {shown && (
        <div className={classes.banner} data-tone={shown === "offline" ? "danger" : undefined}>
          {shown === "offline" ? <IconCloudOff size={16} aria-hidden /> : <IconRefresh size={16} aria-hidden />}
          {strings.common.connection[shown]}
        </div>
      )}
    </div>
  );
}

import { Button } from "@mantine/core";
import { useEffect, useState } from "react";

import { session } from "../api/client";
import { backoff } from "../events/backoff";
import { ErrorState } from "../components/ErrorState";
import { Mark } from "../components/Mark";
import { strings } from "./strings";
import classes from "./Starting.module.css";

/** While a stored login is renewed. Without a connection it says so, and keeps trying. */
export function Starting() {
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    session.token().catch((reason: unknown) => {
      setError(reason);
      timer = setTimeout(() => setAttempt((n) => n + 1), backoff(attempt + 1));
    });
    return () => clearTimeout(timer);
  }, [attempt]);

  if (error) {
    return (
      <div className={classes.starting}>
        <div>
          <ErrorState error={error} onRetry={() => setAttempt((n) => n + 1)} />
          <Button variant="subtle" fullWidth onClick={() => session.end()}>
            {strings.common.nav.logOut}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.starting} aria-busy="true" aria-label={strings.common.loading}>
      <span className={classes.pulse}>
        <Mark size={44} />
      </span>
    </div>
  );
}

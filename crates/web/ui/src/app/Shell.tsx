import { Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";

import { session } from "../api/client";
import { useInboxLive } from "../inbox/live";
import { resumeSending } from "../inbox/sending";
import { startLive } from "../events/live";
import { useShortcuts } from "../lib/shortcuts";
import { useStore } from "../lib/store";
import { overlay } from "./commands";
import { ConnectionBanner } from "./ConnectionBanner";
import { Navigation } from "./Navigation";
import { keepCachesFresh } from "./queryClient";
import { Starting } from "./Starting";
import { strings } from "./strings";
import classes from "./Shell.module.css";

const CommandBar = lazy(() => import("./CommandBar").then((m) => ({ default: m.CommandBar })));
const KeysHelp = lazy(() => import("./KeysHelp").then((m) => ({ default: m.KeysHelp })));

/** The frame around every page behind the login. */
export function Shell() {
  const state = useStore(session.store);
  const href = useRouterState({ select: (router) => router.location.href });
  if (state.status === "starting") return <Starting />;
  if (state.status === "out") {
    // On the way already: the address changes before this frame is gone, and must not lead to itself.
    if (href.startsWith("/login")) return null;
    return <Navigate to="/login" search={state.why === "left" || href === "/" ? {} : { next: href }} replace />;
  }
  return <Frame userId={state.user.id} />;
}

function Frame({ userId }: { userId: string }) {
  const open = useStore(overlay);
  useEffect(() => startLive(userId), [userId]);
  useEffect(() => keepCachesFresh(), []);
  useEffect(() => resumeSending(userId), [userId]);
  useInboxLive();
  useShortcuts({
    "mod+k": () => overlay.set("commands"),
    "?": () => overlay.set("keys"),
  });
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        {strings.common.nav.skip}
      </a>
      <Navigation />
      <div className={classes.main}>
        <ConnectionBanner />
        <main id="content" className={classes.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Suspense>
        {open === "commands" && <CommandBar onClose={() => overlay.set(null)} />}
        {open === "keys" && <KeysHelp onClose={() => overlay.set(null)} />}
      </Suspense>
    </div>
  );
}

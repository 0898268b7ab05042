import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { session } from "../api/client";
import { ErrorPage, NotFoundPage } from "./ErrorPage";
import { PageSkeleton } from "../components/PageSkeleton";
import { parseInboxSearch } from "../inbox/search";
import { readChannelSearch } from "../pages/channels/search";
import { readImportSearch } from "../pages/imports/search";
import { readLeadSearch } from "../pages/leads/search";
import { readLogSearch } from "../pages/logs/search";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Outlet, errorComponent: ErrorPage, notFoundComponent: NotFoundPage });

/**
 * Only a path of this page: an address elsewhere would make the login a door to anywhere. Said even
 * if there is none, as the router keeps what is not overridden.
 */
function parseNext(search: Record<string, unknown>): { next?: string } {
  const next = search["next"];
  return { next: typeof next === "string" && /^\/[^/\\]/.test(next) ? next : undefined };
}

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: parseNext,
  component: lazyRouteComponent(() => import("../auth/LoginPage"), "LoginPage"),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/signup",
  component: lazyRouteComponent(() => import("../auth/SignUpPage"), "SignUpPage"),
});

/** What needs a login. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: ({ location }) => {
    if (session.store.get().status !== "out") return;
    const next = location.href === "/" ? undefined : location.href;
    throw redirect({ to: "/login", search: next ? { next } : {} });
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox" });
  },
});

/** List and thread are one page: choosing a conversation must not draw the list anew. */
const inbox = createRoute({
  getParentRoute: () => inside,
  path: "/inbox",
  validateSearch: parseInboxSearch,
  component: lazyRouteComponent(() => import("../inbox/InboxPage"), "InboxPage"),
});
const inboxEmpty = createRoute({
  getParentRoute: () => inbox,
  path: "/",
  component: lazyRouteComponent(() => import("../inbox/thread/NothingOpen"), "NothingOpen"),
});
const conversation = createRoute({
  getParentRoute: () => inbox,
  path: "$conversationId",
  component: lazyRouteComponent(() => import("../inbox/OpenConversation"), "OpenConversation"),
});

const leads = createRoute({
  getParentRoute: () => inside,
  path: "/leads",
  validateSearch: readLeadSearch,
  component: lazyRouteComponent(() => import("../pages/leads/LeadsPage"), "LeadsPage"),
});

const leadImport = createRoute({
  getParentRoute: () => inside,
  path: "/leads/import",
  validateSearch: readImportSearch,
  component: lazyRouteComponent(() => import("../pages/imports/ImportPage"), "ImportPage"),
});

const lead = createRoute({
  getParentRoute: () => inside,
  path: "/leads/$leadId",
  component: lazyRouteComponent(() => import("../pages/leads/LeadPage"), "LeadPage"),
});

const channels = createRoute({
  getParentRoute: () => inside,
  path: "/channels",
  validateSearch: readChannelSearch,
  component: lazyRouteComponent(() => import("../pages/channels/ChannelsPage"), "ChannelsPage"),
});

const logs = createRoute({
  getParentRoute: () => inside,
  path: "/logs",
  validateSearch: readLogSearch,
  component: lazyRouteComponent(() => import("../pages/logs/LogsPage"), "LogsPage"),
});

const team = createRoute({
  getParentRoute: () => inside,
  path: "/team",
  component: lazyRouteComponent(() => import("../pages/team/TeamPage"), "TeamPage"),
});

const apiKeys = createRoute({
  getParentRoute: () => inside,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("../pages/api-keys/ApiKeysPage"), "ApiKeysPage"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../pages/settings/SettingsPage"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    signUp,
    inside.addChildren([
      home,
      inbox.addChildren([inboxEmpty, conversation]),
      leads,
      leadImport,
      lead,
      channels,
      logs,
      team,
      apiKeys,
      settings,
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: ErrorPage,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

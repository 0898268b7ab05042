import { randomId } from "../lib/id";
import { createStore, type Store } from "../lib/store";
import type { TabChannel } from "../lib/locks";
import { ApiProblem } from "./problem";
import type { Login, Tenant, User } from "./types";

/** Where the refresh token is kept. The access token is in memory only. */
export const REFRESH_KEY = "trunkline.refresh";

/** What the renewal under way is named by, and of which token: a reload may lose its answer. */
const ATTEMPT_KEY = "trunkline.refresh-attempt";

/** Renewed this long before it ends, so that no request meets an ended one. */
const MARGIN_MS = 30_000;

/** Tabs are programs of their own: what one of them stores or tells takes a moment to reach the others. */
const SPREAD_MS = 200;

export type SessionState =
  | { status: "starting" }
  | { status: "in"; user: User; tenant: Tenant }
  | { status: "out"; why: "never" | "left" | "ended" };

interface Access {
  token: string;
  expiresAt: number;
  user: User;
  tenant: Tenant;
}

/** What tabs tell each other: an access token that one of them got is good for all. */
export type SessionMessage = { kind: "access"; access: Access };

export interface SessionDeps {
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  channel: TabChannel<SessionMessage>;
  /** Runs something in one tab at a time: a refresh token is good once. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Trades a refresh token for a new login; with the same attempt, for the same one again. */
  renew: (refreshToken: string, attempt: string) => Promise<Login>;
  now: () => number;
  pause: (ms: number) => Promise<void>;
}

export type Session = ReturnType<typeof createSession>;

/**
 * The login of this browser, shared by its tabs.
 *
 * Each refresh token is good once, and one that shows up again ends the login. So tabs take turns,
 * read the stored token only when it is theirs, and first look whether another tab has just
 * renewed.
 */
export function createSession(deps: SessionDeps) {
  const stored = () => deps.storage.getItem(REFRESH_KEY);
  const store: Store<SessionState> = createStore<SessionState>(
    stored() ? { status: "starting" } : { status: "out", why: "never" },
  );
  let access: Access | null = null;
  let renewing: Promise<string | null> | null = null;

  const isFresh = (held: Access | null): held is Access =>
    held !== null && held.expiresAt - MARGIN_MS > deps.now();

  function hold(next: Access) {
    access = next;
    store.set((now) =>
      now.status === "in" && now.user.id === next.user.id && now.tenant.id === next.tenant.id
        ? now
        : { status: "in", user: next.user, tenant: next.tenant },
    );
  }

  function leave(why: "left" | "ended") {
    access = null;
    store.set((now) => (now.status === "out" ? now : { status: "out", why }));
  }

  /** Takes what a login or a renewal answered. */
  function adopt(login: Login): string {
    deps.storage.setItem(REFRESH_KEY, login.refresh_token);
    deps.storage.removeItem(ATTEMPT_KEY);
    const next = {
      token: login.token,
      expiresAt: deps.now() + login.expires_in * 1000,
      user: login.user,
      tenant: login.tenant,
    };
    hold(next);
    deps.channel.post({ kind: "access", access: next });
    return next.token;
  }

  /** The name of this token's renewal, the same after a reload. */
  function attemptFor(refreshToken: string): string {
    const [attempt, of] = (deps.storage.getItem(ATTEMPT_KEY) ?? "").split(" ");
    if (attempt && of === refreshToken) return attempt;
    const fresh = randomId();
    deps.storage.setItem(ATTEMPT_KEY, `${fresh} ${refreshToken}`);
    return fresh;
  }

  /**
   * Renews with the stored token. A refused one may be an older one, as storage spreads from tab to
   * tab with a delay, or one whose renewal by a reloaded tab is not through: so it is tried again.
   */
  async function renewOnce(): Promise<string | null> {
    for (let tried: string | null = null, again = false; ; ) {
      const refreshToken = stored();
      if (!refreshToken) {
        leave("left");
        return null;
      }
      if (again && refreshToken === tried) {
        deps.storage.removeItem(REFRESH_KEY);
        deps.storage.removeItem(ATTEMPT_KEY);
        leave("ended");
        return null;
      }
      again = refreshToken === tried;
      tried = refreshToken;
      try {
        return adopt(await deps.renew(refreshToken, attemptFor(refreshToken)));
      } catch (error) {
        if (!(error instanceof ApiProblem && error.status === 401)) throw error;
      }
      await deps.pause(SPREAD_MS);
      if (isFresh(access)) return access.token;
    }
  }

  /** What one tab does while the others wait: the next one comes when it has heard of the new token. */
  async function takeTurn(done: (token: string | null) => void): Promise<void> {
    if (isFresh(access)) return done(access.token);
    done(await renewOnce());
    await deps.pause(SPREAD_MS);
  }

  function token(): Promise<string | null> {
    if (isFresh(access)) return Promise.resolve(access.token);
    renewing ??= new Promise<string | null>((resolve, reject) => {
      deps.exclusively(() => takeTurn(resolve)).catch(reject);
    }).finally(() => {
      renewing = null;
    });
    return renewing;
  }

  deps.channel.listen((message) => {
    if (stored()) hold(message.access);
  });

  return {
    store,
    adopt,
    /** An access token that is good now; `null` when nobody is logged in. */
    token,
    /** Says that `bad` was refused: the next call of `token` gets another one. */
    refuse(bad: string) {
      if (access?.token === bad) access = null;
    },
    /** Forgets the login in all tabs. */
    end() {
      deps.storage.removeItem(REFRESH_KEY);
      deps.storage.removeItem(ATTEMPT_KEY);
      leave("left");
    },
    /** What a change of the stored token by another tab means here. */
    onStorage(newValue: string | null) {
      if (newValue === null) {
        leave("left");
      } else if (store.get().status === "out") {
        store.set({ status: "starting" });
        void token().catch(() => undefined);
      }
    },
    /** Keeps what is shown of user and tenant up to date after a change of them. */
    update(change: Partial<{ user: User; tenant: Tenant }>) {
      if (!access) return;
      access = { ...access, ...change };
      store.set({ status: "in", user: access.user, tenant: access.tenant });
    },
  };
}

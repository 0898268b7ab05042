import { describe, expect, it, vi } from "vitest";

import { ApiProblem, NetworkProblem } from "./problem";
import { createSession, REFRESH_KEY, type SessionDeps, type SessionMessage } from "./session";
import type { Login } from "./types";

/** A server that gives each refresh token out once and ends the login when one comes back. */
function server() {
  let generation = 0;
  let ended = false;
  const seen: string[] = [];
  return {
    seen,
    get ended() {
      return ended;
    },
    async renew(token: string): Promise<Login> {
      await Promise.resolve();
      seen.push(token);
      if (ended || token !== `refresh-${String(generation)}`) {
        ended = true;
        throw new ApiProblem(401, { code: "unauthorized" });
      }
      generation += 1;
      return login(generation);
    },
  };
}

function login(generation: number): Login {
  return {
    token: `access-${String(generation)}`,
    refresh_token: `refresh-${String(generation)}`,
    expires_in: 900,
    user: { id: "u", name: "Ann", email: "a@b.c", role: "agent", created_at: "", updated_at: "" },
    tenant: {
      id: "t",
      name: "Acme",
      default_country: "US",
      timezone: "UTC",
      assistant_enabled: false,
      quiet_hours: { enabled: true, start: "21:00", end: "08:00" },
      created_at: "",
      updated_at: "",
    },
  };
}

/** Tabs of one browser: one storage, one lock, one channel. */
function browser(renew: SessionDeps["renew"], pause: SessionDeps["pause"] = () => Promise.resolve()) {
  const values = new Map<string, string>([[REFRESH_KEY, "refresh-0"]]);
  const listeners = new Set<{ tab: object; handler: (m: SessionMessage) => void }>();
  let queue: Promise<unknown> = Promise.resolve();
  let now = 1_000_000;
  const deps = (): SessionDeps => {
    const tab = {};
    return {
      storage: {
        getItem: (key) => values.get(key) ?? null,
        setItem: (key, value) => void values.set(key, value),
        removeItem: (key) => void values.delete(key),
      },
      channel: {
        post: (message) => {
          for (const one of listeners) if (one.tab !== tab) one.handler(message);
        },
        listen: (handler) => {
          listeners.add({ tab, handler });
          return () => undefined;
        },
      },
      exclusively: (work) => {
        const mine = queue.then(work, work);
        queue = mine.catch(() => undefined);
        return mine;
      },
      renew,
      now: () => now,
      pause,
    };
  };
  return { values, tab: () => createSession(deps()), later: (ms: number) => (now += ms) };
}

describe("a login shared by tabs", () => {
  it("is renewed once, however many requests and tabs need it at the same time", async () => {
    const one = server();
    const { tab } = browser(one.renew);
    const [a, b] = [tab(), tab()];
    const tokens = await Promise.all([a.token(), b.token(), a.token(), b.token()]);
    expect(tokens).toEqual(["access-1", "access-1", "access-1", "access-1"]);
    expect(one.seen).toEqual(["refresh-0"]);
    expect(a.store.get().status).toBe("in");
    expect(b.store.get().status).toBe("in");
  });

  it("is renewed by the latest token when it runs out, in whichever tab", async () => {
    const one = server();
    const { tab, later } = browser(one.renew);
    const [a, b] = [tab(), tab()];
    await a.token();
    later(880_000);
    expect(await b.token()).toBe("access-2");
    expect(await a.token()).toBe("access-2");
    expect(one.ended).toBe(false);
  });

  it("asks for another token once one has been refused", async () => {
    const one = server();
    const { tab } = browser(one.renew);
    const a = tab();
    a.refuse((await a.token()) ?? "");
    expect(await a.token()).toBe("access-2");
    a.refuse("access-1");
    expect(await a.token()).toBe("access-2");
  });

  it("ends when the refresh token is refused, and forgets it", async () => {
    const { tab, values } = browser(() => Promise.reject(new ApiProblem(401, {})));
    const a = tab();
    expect(await a.token()).toBeNull();
    expect(a.store.get()).toEqual({ status: "out", why: "ended" });
    expect(values.has(REFRESH_KEY)).toBe(false);
  });

  it("tries the other tab's token where tabs can't take turns", async () => {
    const { tab, values } = browser((token) => {
      if (token === "refresh-0") {
        values.set(REFRESH_KEY, "refresh-7");
        return Promise.reject(new ApiProblem(401, {}));
      }
      return Promise.resolve(login(8));
    });
    expect(await tab().token()).toBe("access-8");
  });

  it("waits for the latest token to reach this tab before it takes the login for ended", async () => {
    const renew = vi.fn<SessionDeps["renew"]>((token) =>
      token === "refresh-0" ? Promise.reject(new ApiProblem(401, {})) : Promise.resolve(login(2)),
    );
    const spread = () => Promise.resolve(void values.set(REFRESH_KEY, "refresh-1"));
    const { tab, values } = browser(renew, () => spread());
    expect(await tab().token()).toBe("access-2");
    expect(renew.mock.calls.map(([token]) => token)).toEqual(["refresh-0", "refresh-1"]);
  });

  it("asks once more for what a reloaded tab has begun to ask for", async () => {
    const renew = vi
      .fn<SessionDeps["renew"]>()
      .mockRejectedValueOnce(new ApiProblem(401, {}))
      .mockResolvedValueOnce(login(1));
    expect(await browser(renew).tab().token()).toBe("access-1");
    const [first, second] = renew.mock.calls;
    expect(second).toEqual(first);
  });

  it("lets the next tab in only when it can have heard of the new token, but keeps nobody waiting here", async () => {
    const one = server();
    let heard: () => void = () => undefined;
    const { tab } = browser(one.renew, () => new Promise((resolve) => (heard = resolve)));
    const [a, b] = [tab(), tab()];
    expect(await a.token()).toBe("access-1");
    a.refuse("access-1");
    b.refuse("access-1");
    const next = b.token();
    await Promise.resolve();
    expect(one.seen).toHaveLength(1);
    heard();
    expect(await next).toBe("access-2");
  });

  it("survives a lost connection", async () => {
    const renew = vi.fn<SessionDeps["renew"]>().mockRejectedValueOnce(new NetworkProblem("away")).mockResolvedValueOnce(login(1));
    const { tab, values } = browser(renew);
    const a = tab();
    await expect(a.token()).rejects.toBeInstanceOf(NetworkProblem);
    expect(values.get(REFRESH_KEY)).toBe("refresh-0");
    expect(await a.token()).toBe("access-1");
  });

  it("names a renewal the same after a reload, and the next one anew", async () => {
    const renew = vi
      .fn<SessionDeps["renew"]>()
      .mockRejectedValueOnce(new NetworkProblem("the page was left"))
      .mockImplementation(() => Promise.resolve(login(1)));
    const { tab, later } = browser(renew);
    await expect(tab().token()).rejects.toBeInstanceOf(NetworkProblem);
    const reloaded = tab();
    await reloaded.token();
    later(900_000);
    await reloaded.token();
    const [lost, again, next] = renew.mock.calls.map(([, attempt]) => attempt);
    expect(again).toBe(lost);
    expect(next).not.toBe(lost);
  });

  it("is left in all tabs at once, and entered again", async () => {
    const one = server();
    const { tab, values } = browser(one.renew);
    const [a, b] = [tab(), tab()];
    await a.token();
    a.end();
    b.onStorage(null);
    expect(b.store.get()).toEqual({ status: "out", why: "left" });
    values.set(REFRESH_KEY, "refresh-1");
    b.onStorage("refresh-1");
    await vi.waitFor(() => expect(b.store.get().status).toBe("in"));
  });
});

import createClient from "openapi-fetch";

import { exclusively, tabChannel } from "../lib/locks";
import { randomId } from "../lib/id";
import { useStore } from "../lib/store";
import { rememberCursor } from "./cursor";
import { NetworkProblem, problemFrom, problemOf } from "./problem";
import type { paths } from "./schema";
import { createSession, REFRESH_KEY, type SessionMessage } from "./session";
import type { Login, Tenant, User } from "./types";

/** The login of this browser. */
export const session = createSession({
  storage: localStorage,
  channel: tabChannel<SessionMessage>("trunkline.session"),
  exclusively: (work) => exclusively("trunkline.session", work),
  renew: (refreshToken, attempt) =>
    postOpen("/api/v1/auth/refresh", { refresh_token: refreshToken, attempt }),
  now: () => Date.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

window.addEventListener("storage", (event) => {
  if (event.key === REFRESH_KEY || event.key === null) session.onStorage(localStorage.getItem(REFRESH_KEY));
});

/** A POST that needs no login and answers with one. */
export async function postOpen(path: string, body: object): Promise<Login> {
  const response = await send(
    new Request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Login;
}

/** A request with the login's token; renewed once if it is refused. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const token = await session.token();
  const first = await send(withToken(request.clone(), token));
  if (first.status !== 401 || token === null) return keepCursor(first);
  session.refuse(token);
  const next = await session.token();
  return next === null ? first : keepCursor(await send(withToken(request, next)));
}

/** The API, typed by its own document. Use it with {@link unwrap}. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorizedFetch });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws an `ApiProblem` or a `NetworkProblem` if there is none. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw problemFrom(response, error);
  return data as T;
}

/** The header that makes repeating a POST harmless. */
export function idempotent(key: string = randomId()): { "Idempotency-Key": string } {
  return { "Idempotency-Key": key };
}

/** The path of an absolute address of the API: the page may ask its own origin only. */
export function sameOrigin(url: string): string {
  const parsed = new URL(url, window.location.origin);
  return parsed.pathname + parsed.search;
}

export async function logOut(): Promise<void> {
  await unwrap(api.POST("/api/v1/auth/logout")).catch(() => undefined);
  session.end();
}

/** Who is logged in, and to which tenant. Only for pages behind the login. */
export function useMe(): { user: User; tenant: Tenant } {
  const state = useStore(session.store);
  if (state.status !== "in") throw new Error("nobody is logged in");
  return state;
}

function withToken(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new NetworkProblem("no answer", { cause: error });
  }
}

function keepCursor(response: Response): Response {
  rememberCursor(response.headers.get("events-cursor"));
  return response;
}

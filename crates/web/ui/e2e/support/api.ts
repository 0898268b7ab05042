import type { components } from "../../src/api/schema";
import type { Credentials } from "./demo";

type Schemas = components["schemas"];
export type Login = Schemas["Login"];
export type Conversation = Schemas["Conversation"];
export type Message = Schemas["Message"];
export type Lead = Schemas["Lead"];
export type Channel = Schemas["Channel"];
export type Role = Schemas["Role"];

/** A client of the public API, as anybody could write one. */
export class Api {
  constructor(
    readonly base: string,
    private readonly token: string | null = null,
  ) {}

  async login(credentials: Credentials): Promise<Login> {
    return this.post<Login>("auth/login", credentials);
  }

  as(login: Login): Api {
    return new Api(this.base, login.token);
  }

  get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>("POST", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PATCH", path, body);
  }

  /** The conversation with a number, which must have begun. */
  async conversationWith(number: string): Promise<Conversation> {
    const page = await this.get<{ data: Conversation[] }>("conversations?limit=200");
    const found = page.data.find((one) => one.remote_address === number);
    if (!found) throw new Error(`there is no conversation with ${number}`);
    return found;
  }

  /** Gives the person behind a number a name. */
  async name(number: string, name: string): Promise<Conversation> {
    const conversation = await this.conversationWith(number);
    await this.patch(`leads/${conversation.lead.id}`, { name });
    return conversation;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.base}/api/v1/${path}`, {
      method,
      headers: {
        ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${String(response.status)}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

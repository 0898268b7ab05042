export interface Account {
  sid: string;
  auth_token: string;
  friendly_name: string;
  numbers: { phone_number: string; friendly_name: string }[];
}

export interface Attachment {
  content_type: string;
  base64: string;
}

export interface SimulatedMessage {
  sid: string;
  direction: string;
  from: string;
  to: string;
  body: string;
  status: string;
  media: { content_type: string; url: string }[];
}

interface Webhook {
  status: number | null;
  error: string | null;
}

interface Outcome {
  status: string;
  error_code?: number;
}

/** The control API of the simulated Twilio. */
export class Simulator {
  constructor(readonly base: string) {}

  /** Opens an account with one number. */
  async open(name: string, number: string, type: "Full" | "Trial" = "Full"): Promise<Account> {
    return this.post<Account>("accounts", {
      friendly_name: name,
      type,
      numbers: [{ phone_number: number, friendly_name: name }],
    });
  }

  /** A customer texts; comes back, with its SID, when the service has answered the webhook. */
  async text(account: string, from: string, to: string, body: string, media: Attachment[] = []): Promise<string> {
    const answer = await this.post<{ message_sid: string; webhook: Webhook | null }>("inbound", { account_sid: account, from, to, body, media });
    if (answer.webhook?.status !== 200) throw new Error(`the webhook of “${body}” came back with ${JSON.stringify(answer.webhook)}`);
    return answer.message_sid;
  }

  /** When the webhook of a text went out and when it was answered, in milliseconds of the clock. */
  async webhookOf(sid: string): Promise<{ sent: number; answered: number }> {
    const { webhooks } = await this.get<{ webhooks: { started_ms: number; duration_ms: number }[] }>(`webhooks?message_sid=${sid}`);
    const [first] = webhooks;
    if (!first) throw new Error(`there was no webhook of ${sid}`);
    return { sent: first.started_ms, answered: first.started_ms + first.duration_ms };
  }

  /** What the service has sent to a customer, in order. */
  async sentTo(account: string, to: string): Promise<SimulatedMessage[]> {
    const query = new URLSearchParams({ account_sid: account, to, direction: "outbound" });
    return (await this.get<{ messages: SimulatedMessage[] }>(`messages?${query.toString()}`)).messages;
  }

  /** How texts of an account end from now on. */
  async outcome(account: string, outcome: Outcome): Promise<void> {
    await this.post("receipts", { account_sid: account, delay_ms: [20, 60], outcome });
  }

  /** Tells of a status by hand. */
  async report(sid: string, status: string): Promise<void> {
    await this.post(`messages/${sid}/status`, { status });
  }

  /** Makes requests of an account go wrong. */
  async fault(account: string, fault: { kind: string; count?: number; latency_ms?: number }): Promise<void> {
    await this.post("faults", { account_sid: account, ...fault });
  }

  private async get<T>(path: string): Promise<T> {
    return this.call<T>(path, {});
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>(path, { method: "POST", body: JSON.stringify(body) });
  }

  private async call<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.base}/_simulator/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator answered ${path} with ${String(response.status)}: ${text}`);
    return JSON.parse(text) as T;
  }
}

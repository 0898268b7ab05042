import type { Problem } from "./types";

/** An answer of the API that is not a success, with what it says about itself. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  /** What is wrong, for programs: `opted_out`, `not_answerable`, … */
  readonly code: string;
  readonly requestId: string | null;
  /** Which fields are wrong, by JSON pointer. */
  readonly fields: ReadonlyMap<string, string>;
  /** What Twilio said, where Twilio refused. */
  readonly twilio: Problem["twilio"];
  /** When it makes sense to try again, in seconds, if the API says so. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title ?? `HTTP ${String(status)}`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.requestId = problem.request_id ?? null;
    this.fields = new Map((problem.errors ?? []).map((e) => [e.pointer, e.detail]));
    this.twilio = problem.twilio ?? null;
    this.retryAfter = retryAfter;
  }

  /** What is wrong with one field, for the form that has it: `field("/email")`. */
  field(pointer: string): string | undefined {
    return this.fields.get(pointer);
  }
}

/** There was no answer at all: the network, or the service, is away. */
export class NetworkProblem extends Error {
  override readonly name = "NetworkProblem";
}

/** Makes a problem of an answer that is not a success. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text().catch(() => "");
  return new ApiProblem(response.status, parse(text), seconds(response.headers.get("retry-after")));
}

/** As {@link problemOf}, for an answer whose body has been read already. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  const problem = typeof body === "object" && body !== null ? body : parse(String(body ?? ""));
  return new ApiProblem(response.status, problem, seconds(response.headers.get("retry-after")));
}

/** Whether trying again, unchanged, may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NetworkProblem) return true;
  return error instanceof ApiProblem && (error.status === 429 || error.status >= 500);
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ApiProblem && error.code === code;
}

function parse(text: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function seconds(header: string | null): number | null {
  const value = Number.parseInt(header ?? "", 10);
  return Number.isFinite(value) ? value : null;
}

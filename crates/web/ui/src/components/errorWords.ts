import { strings } from "../app/strings";
import { ApiProblem, NetworkProblem } from "../api/problem";

export interface ErrorWords {
  title: string;
  detail: string;
  requestId: string | null;
}

/** Says in words what went wrong, whatever was thrown. */
export function errorWords(error: unknown): ErrorWords {
  const t = strings.errors;
  if (error instanceof NetworkProblem) return { ...t.network, requestId: null };
  if (!(error instanceof ApiProblem)) return { ...t.unknown, requestId: null };
  return { ...problemWords(error), requestId: error.requestId };
}

function problemWords(problem: ApiProblem): { title: string; detail: string } {
  const t = strings.errors;
  if (problem.status === 401) return t.unauthorized;
  if (problem.status === 403) return { title: t.forbidden.title, detail: sentence(problem.message) || t.forbidden.detail };
  if (problem.status === 404) return t.missing;
  if (problem.status === 413) return t.tooLarge;
  if (problem.status === 429) return t.tooMany(problem.retryAfter);
  if (problem.status === 422) {
    const details = [...problem.fields.values()].map(sentence);
    return { title: t.invalid.title, detail: details.length > 0 ? details.join(" ") : sentence(problem.message) };
  }
  // 502 and 507 are about others (Twilio, the disk) and say so.
  // What is no answer of ours comes from something in between: the service is away.
  if (problem.status >= 500 && problem.code === "unknown") return problem.requestId ? t.server : t.network;
  return { title: problem.status >= 500 ? t.server.title : t.refused.title, detail: sentence(problem.message) };
}

/** The API's details begin small and end without a stop; shown alone they are sentences. */
export function sentence(text: string): string {
  if (!text) return "";
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

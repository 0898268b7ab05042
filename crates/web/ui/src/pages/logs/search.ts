import { ACTIVITY_KINDS, type ActivityKind } from "../model";

/** Which log is looked at: the queue, unless the address says otherwise. */
export interface LogSearch {
  view?: "activity";
  kind?: ActivityKind;
}

export function readLogSearch(raw: Record<string, unknown>): LogSearch {
  if (raw["view"] !== "activity") return {};
  const kind = ACTIVITY_KINDS.find((known) => known === raw["kind"]);
  return kind ? { view: "activity", kind } : { view: "activity" };
}

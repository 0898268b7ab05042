import { LEAD_SOURCES, LEAD_STATUSES, type LeadSource, type LeadStatus } from "../model";

/** Which leads are shown; it stands in the address, so that a view can be linked and gone back to. */
export interface LeadSearch {
  q?: string;
  /** Their status; the inbox has a `status` of its own. */
  stage?: LeadStatus;
  source?: LeadSource;
  /** Whether texts have gone to or fro. */
  sms?: boolean;
  tag?: string;
}

function text(value: unknown): string | undefined {
  // The router reads `?q=5551` as a number.
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read.trim() !== "" ? read : undefined;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((one) => one === value);
}

/** Reads the search part of an address, and drops what it doesn't know. */
export function readLeadSearch(raw: Record<string, unknown>): LeadSearch {
  const search: LeadSearch = {
    q: text(raw["q"]),
    stage: oneOf(LEAD_STATUSES, raw["stage"]),
    source: oneOf(LEAD_SOURCES, raw["source"]),
    sms: typeof raw["sms"] === "boolean" ? raw["sms"] : undefined,
    tag: text(raw["tag"]),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** The same as the API's query. */
export function leadQuery(search: LeadSearch) {
  return {
    q: search.q?.trim() || undefined,
    status: search.stage,
    source: search.source,
    has_sms: search.sms,
    tag: search.tag,
  };
}

/** How many filters are on besides the text that is searched for. */
export function filterCount({ stage, source, sms, tag }: LeadSearch): number {
  return [stage, source, sms, tag].filter((value) => value !== undefined).length;
}

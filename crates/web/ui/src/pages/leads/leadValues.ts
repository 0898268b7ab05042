import type { Lead, LeadPatch, LeadSource, LeadStatus, NewLead } from "../model";

/** A lead as the form has it: empty texts instead of nulls. */
export interface LeadValues {
  name: string;
  phone: string;
  email: string;
  status: LeadStatus;
  source: LeadSource;
  tags: string[];
  country: string | null;
  timezone: string | null;
}

export const LEAD_FIELDS = ["name", "phone", "email", "status", "source", "tags", "country", "timezone"] as const;

export const BLANK: LeadValues = {
  name: "",
  phone: "",
  email: "",
  status: "new",
  source: "manual",
  tags: [],
  country: null,
  timezone: null,
};

export function valuesOf(lead: Lead): LeadValues {
  return {
    name: lead.name ?? "",
    phone: lead.phone ?? "",
    email: lead.email ?? "",
    status: lead.status,
    source: lead.source,
    tags: lead.tags,
    country: lead.country ?? null,
    timezone: lead.timezone ?? null,
  };
}

/** Whether there is anything to know somebody by. */
export function isNobody({ name, phone, email }: LeadValues): boolean {
  return [name, phone, email].every((text) => text.trim() === "");
}

const orNull = (text: string) => text.trim() || null;

export function newLead(values: LeadValues): NewLead {
  return { ...values, name: orNull(values.name), phone: orNull(values.phone), email: orNull(values.email) };
}

/**
 * What has changed, and no more: a colleague may be changing another field of the same lead.
 */
export function leadPatch(before: LeadValues, after: LeadValues): LeadPatch {
  const patch: Record<string, unknown> = {};
  for (const field of LEAD_FIELDS) {
    const [old, now] = [before[field], after[field]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    const isText = field === "name" || field === "phone" || field === "email";
    patch[field] = isText ? orNull(String(now)) : now;
  }
  return patch;
}

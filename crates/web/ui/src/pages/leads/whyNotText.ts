import type { Lead } from "../model";

/** Why somebody can't be texted, as a key of the words; nothing if they can. */
export type WhyNot = "viewer" | "noPhone" | "notANumber" | "optedOut";

export function whyNotText(lead: Pick<Lead, "phone" | "sms_opt_out">, mayAnswer: boolean): WhyNot | undefined {
  if (!mayAnswer) return "viewer";
  if (!lead.phone) return "noPhone";
  if (!lead.phone.startsWith("+")) return "notANumber";
  return lead.sms_opt_out ? "optedOut" : undefined;
}

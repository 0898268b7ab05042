import type { LabelColor } from "../../api/types";

/** The colours that the API has for labels. */
export const LABEL_COLORS = [
  "gray",
  "red",
  "pink",
  "grape",
  "violet",
  "indigo",
  "blue",
  "cyan",
  "teal",
  "green",
  "lime",
  "yellow",
  "orange",
] as const satisfies readonly LabelColor[];

/** A colour for a label that nobody has chosen one for: the same name gets the same one. Grey is left to those without. */
export function colorFor(name: string): LabelColor {
  let sum = 0;
  for (const c of name.toLowerCase()) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return LABEL_COLORS[1 + (sum % (LABEL_COLORS.length - 1))] ?? "gray";
}

import { LabelChip } from "../../components/LabelChip";
import { leads } from "../../strings/leads";
import type { LeadStatus } from "../model";

const COLORS: Record<LeadStatus, string> = {
  new: "blue",
  contacted: "violet",
  qualified: "orange",
  converted: "green",
  lost: "gray",
};

/** How far a lead is, in the colour that this has everywhere. */
export function StatusBadge({ status }: { status: LeadStatus }) {
  return <LabelChip name={leads.statuses[status]} color={COLORS[status]} />;
}

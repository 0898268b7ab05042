import { describe, expect, it } from "vitest";
import { ACTIVITY_KINDS, type Activity } from "../model";
import { tell } from "./tell";

const ANN = { id: "1", name: "Ann" };

function activity(kind: string, data: Record<string, unknown> = {}, actor: Activity["actor"] = ANN): Activity {
  return {
    id: "9",
    kind,
    actor,
    data,
    conversation_id: null,
    lead_id: null,
    channel_id: null,
    created_at: "2026-11-30T12:00:00Z",
    // What is tried here is what a newer or broken server might say, too.
  } as unknown as Activity;
}

describe("the activity feed", () => {
  it.each([
    [activity("conversation_assigned", { assigned_user: { id: "2", name: "Bob" } }), "Ann assigned a conversation to Bob"],
    [activity("conversation_assigned", { assigned_user: ANN }), "Ann took a conversation"],
    [activity("conversation_assigned", { assigned_user: null }), "Ann took the assignment off a conversation"],
    [activity("labels_changed", { added: ["vip", "boiler"], removed: [] }), "Ann added the label vip and boiler"],
    [activity("opted_out", { number: "+15551234567", source: "keyword" }, null), "+1\u00a0(555)\u00a0123\u20114567 opted out of texts"],
    [activity("lead_created", { source: "sms" }, null), "A new lead came in (SMS)"],
    [activity("leads_imported", { created: 1200, updated: 0, failed: 3 }), "Ann imported leads: 1,200 added, 3 left out"],
    [activity("channel_changed", { name: "Desk", fields: ["mode", "settings"] }), "Ann changed Desk: mode and settings"],
    [activity("member_changed", { name: "Bob", role: "admin" }), "Ann made Bob admin"],
  ])("says %#", (one, sentence) => {
    expect(tell(one)).toBe(sentence);
  });

  it("has a sentence for every kind, even if the data is not what was agreed", () => {
    for (const kind of ACTIVITY_KINDS) {
      expect(tell(activity(kind, {}, null))).toMatch(/\w/);
      expect(tell(activity(kind, { added: "x", fields: 3, created: null, number: 5 }))).not.toMatch(/undefined|null|NaN/);
    }
  });

  it("tells of what it does not know", () => {
    expect(tell(activity("campaign_started"))).toBe("Ann: campaign started");
  });
});

import type { Channel } from "../model";

export type Feature = "receive" | "send" | "media" | "delivery" | "leads" | "optOut";

const FEATURES: readonly Feature[] = ["receive", "send", "media", "delivery", "leads", "optOut"];

/**
 * What works on a channel as it stands: nothing on one that is switched off; on one with test
 * credentials texts are taken, but nothing comes in and nothing is delivered.
 */
export function featuresOf({ status, mode }: Pick<Channel, "status" | "mode">): { name: Feature; on: boolean }[] {
  const works = (name: Feature) => status !== "inactive" && (mode !== "test" || name === "send");
  return FEATURES.map((name) => ({ name, on: works(name) }));
}

import { describe, expect, it } from "vitest";
import { featuresOf } from "./features";

const on = (channel: Parameters<typeof featuresOf>[0]) =>
  featuresOf(channel)
    .filter((feature) => feature.on)
    .map((feature) => feature.name);

describe("the features of a channel", () => {
  it("are all there when it takes part", () => {
    expect(on({ status: "connected", mode: "production" })).toHaveLength(6);
    expect(on({ status: "active", mode: "trial" })).toHaveLength(6);
  });

  it("are gone when it is switched off", () => {
    expect(on({ status: "inactive", mode: "production" })).toEqual([]);
  });

  it("are but one with test credentials", () => {
    expect(on({ status: "connected", mode: "test" })).toEqual(["send"]);
  });
});

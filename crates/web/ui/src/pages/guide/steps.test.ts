import { describe, expect, it } from "vitest";
import { finished, nextStep, steps } from "./steps";

const NOTHING = { channels: 0, takingPart: false, received: false, sent: false, people: 1 };

describe("the first-run guide", () => {
  it("begins with the number", () => {
    const all = steps(NOTHING);
    expect(nextStep(all)).toBe("connect");
    expect(finished(all)).toBe(false);
  });

  it("wants a number that takes part", () => {
    const all = steps({ ...NOTHING, channels: 1 });
    expect(nextStep(all)).toBe("connect");
  });

  it("is over without colleagues, and still offers to invite them", () => {
    const all = steps({ ...NOTHING, channels: 1, takingPart: true, received: true, sent: true });
    expect(finished(all)).toBe(true);
    expect(nextStep(all)).toBe("invite");
  });

  it("has no next step once everything is done", () => {
    const all = steps({ channels: 1, takingPart: true, received: true, sent: true, people: 2 });
    expect(nextStep(all)).toBeUndefined();
  });
});

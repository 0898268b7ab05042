import { describe, expect, it } from "vitest";
import { whyNotText } from "./whyNotText";

describe("why somebody can't be texted", () => {
  it.each([
    [{ phone: "+15551234567", sms_opt_out: false }, undefined],
    [{ phone: "+15551234567", sms_opt_out: true }, "optedOut"],
    [{ phone: null, sms_opt_out: false }, "noPhone"],
    [{ phone: "12345", sms_opt_out: false }, "notANumber"],
    [{ phone: "BANK", sms_opt_out: true }, "notANumber"],
  ] as const)("%o: %s", (lead, why) => {
    expect(whyNotText(lead, true)).toBe(why);
  });

  it("is the role, before all else", () => {
    expect(whyNotText({ phone: null, sms_opt_out: true }, false)).toBe("viewer");
  });
});

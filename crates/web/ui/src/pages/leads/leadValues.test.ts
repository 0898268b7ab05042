import { describe, expect, it } from "vitest";
import { BLANK, isNobody, leadPatch, newLead } from "./leadValues";

const ANN = { ...BLANK, name: "Ann", phone: "+15551234567", tags: ["vip"] };

describe("the form of a lead", () => {
  it("needs something to know somebody by", () => {
    expect(isNobody({ ...BLANK, name: "  " })).toBe(true);
    expect(isNobody({ ...BLANK, email: "ann@example.com" })).toBe(false);
  });

  it("sends no empty texts", () => {
    expect(newLead({ ...BLANK, name: " Ann " })).toMatchObject({ name: "Ann", phone: null, email: null });
  });

  it("sends what changed and nothing else", () => {
    expect(leadPatch(ANN, ANN)).toEqual({});
    expect(leadPatch(ANN, { ...ANN, phone: "", tags: ["vip", "boiler"], status: "lost" })).toEqual({
      phone: null,
      tags: ["vip", "boiler"],
      status: "lost",
    });
  });
});

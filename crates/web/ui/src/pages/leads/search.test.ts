import { describe, expect, it } from "vitest";
import { filterCount, leadQuery, readLeadSearch } from "./search";

describe("the search of the lead list", () => {
  it("drops what it does not know", () => {
    expect(readLeadSearch({ stage: "dead", source: "sms", sms: "yes", page: 3 })).toEqual({
      source: "sms",
    });
  });

  it("takes digits for text", () => {
    expect(readLeadSearch({ q: 5551 })).toEqual({ q: "5551" });
  });

  it("leaves no empty text in the address", () => {
    expect(readLeadSearch({ q: "  ", tag: "" })).toEqual({});
  });

  it("asks the API for leads that were never texted", () => {
    expect(leadQuery({ sms: false, q: " boiler " })).toMatchObject({
      has_sms: false,
      q: "boiler",
    });
  });

  it("counts filters, and not the text", () => {
    expect(filterCount({ q: "x", sms: false, tag: "vip" })).toBe(2);
  });
});

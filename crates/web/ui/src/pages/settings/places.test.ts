import { describe, expect, it } from "vitest";
import { clockIn, countries, countryName, timezones } from "./places";

describe("places", () => {
  it("are named and ordered as the language does it", () => {
    const english = countries("en");
    expect(english.find(({ value }) => value === "DE")?.label).toBe("Germany");
    expect(english[0]?.label).toBe("Afghanistan");
    expect(countryName("BR", "en")).toBe("Brazil");
    expect(countryName("not a code", "en")).toBe("not a code");
  });

  it("keep a zone that the browser does not list", () => {
    expect(timezones()).toContain("UTC");
    expect(timezones("Mars/Olympus")).toContain("Mars/Olympus");
  });

  it("show the time in a zone, and nothing in one that is none", () => {
    const noon = new Date("2026-11-30T12:00:00Z");
    expect(clockIn("America/Sao_Paulo", noon, "de")).toBe("9:00");
    expect(clockIn("Mars/Olympus", noon, "de")).toBeUndefined();
  });
});

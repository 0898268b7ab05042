import { describe, expect, it } from "vitest";
import { expiry, expiryState, SCOPES, scopeAreas, usable } from "./scopes";

const NOW = new Date("2026-11-30T12:00:00Z");

describe("scopes", () => {
  it("come as one row for each area", () => {
    const areas = scopeAreas();
    expect(areas.find(({ area }) => area === "leads")).toEqual({
      area: "leads",
      read: "leads:read",
      write: "leads:write",
    });
    expect(areas.find(({ area }) => area === "queue")).toEqual({ area: "queue", read: "queue:read" });
    expect(areas.flatMap(({ read, write }) => [read, write]).filter(Boolean)).toHaveLength(SCOPES.length);
  });

  it("reach no further than the role of whoever makes the key", () => {
    expect(usable("tenant:write", "admin")).toBe(false);
    expect(usable("tenant:write", "owner")).toBe(true);
    expect(usable("messages:write", "agent")).toBe(true);
    expect(usable("messages:write", "viewer")).toBe(false);
  });
});

describe("the end of a key", () => {
  it("is counted in days from now, or never comes", () => {
    expect(expiry(30, NOW)).toBe("2026-12-30T12:00:00.000Z");
    expect(expiry(null, NOW)).toBeNull();
  });

  it("is told a week ahead", () => {
    expect(expiryState(null, NOW)).toBe("never");
    expect(expiryState("2026-11-30T11:59:59Z", NOW)).toBe("expired");
    expect(expiryState("2026-12-05T00:00:00Z", NOW)).toBe("soon");
    expect(expiryState("2027-12-05T00:00:00Z", NOW)).toBe("later");
  });
});

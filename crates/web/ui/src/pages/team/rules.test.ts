import { describe, expect, it } from "vitest";
import { rolesOf, whyNotChange, whyNotRemove } from "./rules";

const ann = { id: "1", role: "owner" } as const;
const bob = { id: "2", role: "admin" } as const;
const eve = { id: "3", role: "agent" } as const;
const people = [ann, bob, eve];

describe("who may manage whom", () => {
  it("is for admins and owners", () => {
    expect(whyNotChange(eve, eve, people)).toBe("adminOnly");
    expect(whyNotChange(bob, eve, people)).toBeUndefined();
  });

  it("goes no further up than oneself", () => {
    expect(whyNotChange(bob, ann, people)).toBe("above");
    expect(rolesOf("admin")).toEqual(["viewer", "agent", "admin"]);
  });

  it("leaves an owner", () => {
    expect(whyNotChange(ann, ann, people)).toBe("lastOwner");
    expect(whyNotChange(ann, ann, [...people, { role: "owner" }])).toBeUndefined();
  });

  it("lets nobody remove themselves", () => {
    expect(whyNotRemove(bob, bob, people)).toBe("yourself");
    expect(whyNotRemove(ann, bob, people)).toBeUndefined();
  });
});

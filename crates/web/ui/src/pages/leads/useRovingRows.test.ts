import { describe, expect, it } from "vitest";
import { rowAfter } from "./useRovingRows";

describe("keys in a table", () => {
  it("move by a row or by a page, and stop at the ends", () => {
    expect(rowAfter("ArrowDown", 3, 100)).toBe(4);
    expect(rowAfter("PageUp", 3, 100)).toBe(0);
    expect(rowAfter("PageDown", 95, 100)).toBe(99);
    expect(rowAfter("ArrowUp", 0, 100)).toBe(0);
    expect(rowAfter("End", 0, 100)).toBe(99);
  });

  it("leave others to the page", () => {
    expect(rowAfter("Tab", 3, 100)).toBeUndefined();
    expect(rowAfter("a", 3, 100)).toBeUndefined();
  });
});

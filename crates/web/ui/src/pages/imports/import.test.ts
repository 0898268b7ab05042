import { describe, expect, it } from "vitest";
import type { Import } from "../model";
import { errorsFilename, MAX_BYTES, percent, refusedFile, verdict } from "./import";

const FILE = { name: "leads.csv", size: 100, type: "text/csv" };
const PREVIEW = {
  total_rows: 3,
  created: 2,
  updated: 0,
  skipped: 0,
  failed: 1,
  columns: [
    { header: "Name", field: "name" },
    { header: "Shoe size", field: null },
  ],
} as Import;

describe("a file to import", () => {
  it("is text with separators, of a size that is taken", () => {
    expect(refusedFile(FILE)).toBeUndefined();
    expect(refusedFile({ ...FILE, name: "leads.CSV", type: "" })).toBeUndefined();
    expect(refusedFile({ ...FILE, size: MAX_BYTES })).toBeUndefined();
    expect(refusedFile({ ...FILE, size: MAX_BYTES + 1 })).toBe("tooLarge");
    expect(refusedFile({ ...FILE, size: 0 })).toBe("empty");
    expect(refusedFile({ ...FILE, name: "leads.pdf", type: "application/pdf" })).toBe("other");
  });

  it("is no spreadsheet, even if the system takes it for CSV", () => {
    expect(refusedFile({ ...FILE, name: "leads.xlsx" })).toBe("spreadsheet");
  });
});

describe("an import", () => {
  it("is never said to be further than it is", () => {
    expect(percent({ done_rows: 999, total_rows: 1000 })).toBe(99);
    expect(percent({ done_rows: 1000, total_rows: 1000 })).toBe(100);
    expect(percent({ done_rows: 0, total_rows: 0 })).toBe(0);
  });

  it("is judged by its dry run", () => {
    expect(verdict(PREVIEW)).toBe("someBad");
    expect(verdict({ ...PREVIEW, failed: 0 })).toBe("good");
    expect(verdict({ ...PREVIEW, created: 0, failed: 3 })).toBe("allBad");
    expect(verdict({ ...PREVIEW, columns: [{ header: "x", field: null }] })).toBe("nothingRecognised");
    expect(verdict({ ...PREVIEW, total_rows: 0 })).toBe("empty");
  });

  it("names the file of its bad rows after itself", () => {
    expect(errorsFilename("May leads.csv")).toBe("May leads-bad-rows.csv");
    expect(errorsFilename(".csv")).toBe("import-bad-rows.csv");
    expect(errorsFilename(null)).toBe("import-bad-rows.csv");
  });
});

import { describe, expect, it } from "vitest";

import { countSegments, plainCharacters } from "./segments";

const size = (body: string) => {
  const { encoding, units, segments } = countSegments(body);
  return [encoding, units, segments];
};

describe("countSegments", () => {
  it("takes 160 septets in one segment and 153 in each of several", () => {
    expect(size("")).toEqual(["GSM-7", 0, 1]);
    expect(size("a".repeat(160))).toEqual(["GSM-7", 160, 1]);
    expect(size("a".repeat(161))).toEqual(["GSM-7", 161, 2]);
    expect(size("a".repeat(306))).toEqual(["GSM-7", 306, 2]);
    expect(size("a".repeat(307))).toEqual(["GSM-7", 307, 3]);
  });

  it("takes 70 units in one segment and 67 in each of several once a character is outside of GSM", () => {
    expect(size("ł".repeat(70))).toEqual(["UCS-2", 70, 1]);
    expect(size("ł".repeat(71))).toEqual(["UCS-2", 71, 2]);
    expect(size("ł".repeat(134))).toEqual(["UCS-2", 134, 2]);
    expect(size("ł".repeat(135))).toEqual(["UCS-2", 135, 3]);
  });

  it("counts characters of the extension table twice", () => {
    expect(size("€".repeat(80))).toEqual(["GSM-7", 160, 1]);
    expect(size("[{~}]|\\^")).toEqual(["GSM-7", 16, 1]);
  });

  it("divides neither an escaped character nor a grapheme over two segments", () => {
    expect(size(`${"a".repeat(152)}€${"a".repeat(152)}`)).toEqual(["GSM-7", 306, 3]);
    expect(size(`${"ł".repeat(66)}😀${"ł".repeat(66)}`)).toEqual(["UCS-2", 134, 3]);
  });

  it("knows which letters with accents the alphabet has", () => {
    expect(size("àäåæèéìñòöøùüßÇÉÑÄÖÅÆØÜ")[0]).toBe("GSM-7");
    for (const letter of ["á", "ç", "ê", "í", "ó", "ú", "`", "\t"]) expect(size(letter)[0]).toBe("UCS-2");
  });

  it("says where the characters stand that force UCS-2", () => {
    const { forcing, characters } = countSegments("Olá 😀 – ok");
    expect(forcing).toEqual([
      { index: 2, text: "á" },
      { index: 4, text: "😀" },
      { index: 7, text: "–" },
    ]);
    expect(characters).toBe(10);
  });

  it("counts CRLF as two characters and a family as one", () => {
    expect(countSegments("a\r\nb").characters).toBe(4);
    expect(countSegments("👨‍👩‍👧").characters).toBe(1);
    expect(countSegments("👨‍👩‍👧").units).toBe(8);
  });

  it("says how much room the used segments have", () => {
    expect(countSegments("a".repeat(10)).capacity).toBe(160);
    expect(countSegments("a".repeat(200)).capacity).toBe(306);
  });
});

describe("plainCharacters", () => {
  it("makes a typographic text a GSM one", () => {
    const plain = plainCharacters("“It’s fine” – really…");
    expect(plain).toBe("\"It's fine\" - really...");
    expect(countSegments(plain).encoding).toBe("GSM-7");
  });
});

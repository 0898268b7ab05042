/**
 * How many segments a text is sent, and billed, as: the same rules as the server's, so that the
 * counter says while writing what the message will say afterwards.
 *
 * A text within the alphabet of GSM 03.38 goes out in septets: 160 in one segment, 153 in each of
 * several. One character outside, and all of it goes out as UTF-16: 70 and 67 units. A character
 * as a person sees it is never divided, except one that is longer than a segment.
 */
export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  /** Characters as a person counts them. */
  characters: number;
  /** Septets or UTF-16 units. */
  units: number;
  segments: number;
  /** How many units there are room for in the segments that are used. */
  capacity: number;
  /** What makes the text UCS-2, in order. */
  forcing: Forcing[];
}

export interface Forcing {
  /** Where it begins, in UTF-16 units. */
  index: number;
  text: string;
}

const SINGLE = { "GSM-7": 160, "UCS-2": 70 } as const;
const PART = { "GSM-7": 153, "UCS-2": 67 } as const;

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function countSegments(body: string): Segments {
  const parts = characters(body);
  const forcing: Forcing[] = [];
  let index = 0;
  for (const text of parts) {
    if (septets(text) === null) forcing.push({ index, text });
    index += text.length;
  }
  const encoding = forcing.length > 0 ? "UCS-2" : "GSM-7";
  const { units, full } = layOut(parts, encoding);
  const segments = units <= SINGLE[encoding] ? 1 : full + 1;
  const capacity = segments === 1 ? SINGLE[encoding] : segments * PART[encoding];
  return { encoding, characters: parts.length, units, segments, capacity, forcing };
}

/** Fills segment after segment; a character that no longer fits begins the next. */
function layOut(parts: readonly string[], encoding: "GSM-7" | "UCS-2"): { units: number; full: number } {
  const capacity = PART[encoding];
  let units = 0;
  let full = 0;
  let used = 0;
  const push = (size: number) => {
    units += size;
    used += size;
    if (used > capacity) {
      full += 1;
      used = size;
    }
  };
  for (const text of parts) {
    if (encoding === "GSM-7") push(septets(text) ?? 1);
    else if (text.length <= capacity) push(text.length);
    else for (const point of text) push(point.length);
  }
  return { units, full };
}

/** The graphemes, but CRLF as the two characters that it is on the way. */
function characters(body: string): string[] {
  const parts: string[] = [];
  for (const { segment } of graphemes.segment(body)) {
    if (segment === "\r\n") parts.push("\r", "\n");
    else parts.push(segment);
  }
  return parts;
}

function septets(text: string): 1 | 2 | null {
  if (BASIC.has(text)) return 1;
  return EXTENDED.has(text) ? 2 : null;
}

const PLAIN: Record<string, string> = {
  "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "`": "'", "\u00b4": "'",
  "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
  "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\u2212": "-", "\u2022": "-",
  "\u2026": "...", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\u200b": "", "\ufeff": "",
};

/** Writes typographic characters as plain ones, which look almost the same and cost less. */
export function plainCharacters(body: string): string {
  return [...body].map((c) => PLAIN[c] ?? c).join("");
}

/** Whether {@link plainCharacters} would change anything. */
export function canBePlainer(forcing: readonly Forcing[]): boolean {
  return forcing.some(({ text }) => text in PLAIN);
}

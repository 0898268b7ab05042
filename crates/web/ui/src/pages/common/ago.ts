const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, milliseconds: number][] = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["week", 7 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

const format = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "long" });

/** How long ago, or how long until then, in words: “4 minutes ago”, “yesterday”, “in 2 hours”. */
export function ago(iso: string, now: number): string {
  const difference = Date.parse(iso) - now;
  for (const [unit, milliseconds] of UNITS) {
    if (Math.abs(difference) >= milliseconds) return format.format(Math.trunc(difference / milliseconds), unit);
  }
  return "just now";
}

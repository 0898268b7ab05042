/**
 * Which of two times of the API is earlier: negative if `a` is. Dates have milliseconds only, and
 * texts of different precision don't sort, so it takes both.
 */
export function compareInstants(a: string, b: string): number {
  if (a === b) return 0;
  const byMilliseconds = Date.parse(a) - Date.parse(b);
  if (byMilliseconds !== 0) return byMilliseconds;
  const [x, y] = [fraction(a), fraction(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function fraction(iso: string): string {
  return (/\.(\d+)/.exec(iso)?.[1] ?? "").padEnd(9, "0");
}

const ONE = new Set(["1", "7"]);
const TWO = new Set(
  "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  ),
);

/**
 * A number as people write it. North America gets brackets, Brazil its hyphen; every other country
 * groups of digits, which is readable anywhere. What is no E.164 number (a short code, a name)
 * stays as it is.
 */
export function formatPhone(value: string | null | undefined): string {
  if (!value) return "";
  if (!/^\+\d{7,15}$/.test(value)) return value;
  const digits = value.slice(1);
  const code = ONE.has(digits.slice(0, 1))
    ? digits.slice(0, 1)
    : TWO.has(digits.slice(0, 2))
      ? digits.slice(0, 2)
      : digits.slice(0, 3);
  const rest = digits.slice(code.length);
  // No-break spaces keep a number in one line.
  if (code === "1" && rest.length === 10) {
    return `+1\u00a0(${rest.slice(0, 3)})\u00a0${rest.slice(3, 6)}\u2011${rest.slice(6)}`;
  }
  if (code === "55" && rest.length >= 10) {
    return `+55\u00a0${rest.slice(0, 2)}\u00a0${rest.slice(2, -4)}\u2011${rest.slice(-4)}`;
  }
  return `+${code}\u00a0${groups(rest).join("\u00a0")}`;
}

/** From the right, in threes; the first group has two to four. */
function groups(digits: string): string[] {
  const parts: string[] = [];
  let end = digits.length;
  while (end > 4) {
    parts.unshift(digits.slice(end - 3, end));
    end -= 3;
  }
  parts.unshift(digits.slice(0, end));
  return parts;
}

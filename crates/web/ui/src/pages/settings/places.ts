// The regions that have telephone numbers of their own; the browser knows their names.
const REGIONS =
  "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW".split(
    " ",
  );

export interface Choice {
  value: string;
  label: string;
}

/** Countries by their names in a language, in its order. */
export function countries(language: string): Choice[] {
  const names = new Intl.DisplayNames([language], { type: "region", fallback: "code" });
  return REGIONS.map((value) => ({ value, label: names.of(value) ?? value })).sort((a, b) =>
    a.label.localeCompare(b.label, language),
  );
}

/** A country's name, or its code where the browser knows no name. */
export function countryName(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "region", fallback: "code" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** The time zones that the browser knows, with `UTC`, and `also` if it is another one. */
export function timezones(also?: string | null): string[] {
  const known = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);
  if (also) known.add(also);
  return [...known].sort();
}

/** What the clock shows in a zone, or nothing if the browser does not know the zone. */
export function clockIn(timezone: string, now: Date, language: string): string | undefined {
  try {
    return new Intl.DateTimeFormat(language, {
      timeZone: timezone,
      hour: "numeric",
      minute: "2-digit",
    }).format(now);
  } catch {
    return undefined;
  }
}

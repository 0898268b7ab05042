import { Select } from "@mantine/core";
import { useMemo, type ReactNode } from "react";
import { placeWords } from "../../strings/pages";
import { useNow } from "../../lib/time";
import { clockIn, countries, timezones } from "../settings/places";

interface PlaceFieldsProps {
  country: string | null;
  timezone: string | null;
  onCountry: (country: string | null) => void;
  onTimezone: (timezone: string | null) => void;
  countryError?: ReactNode;
  timezoneError?: ReactNode;
  countryHint?: string;
  timezoneHint?: string;
  /** Whether it may be left open. */
  clearable?: boolean;
  disabled?: boolean;
}

/** A country and a time zone, to be found by typing. */
export function PlaceFields(props: PlaceFieldsProps) {
  const { country, timezone, clearable = false, disabled } = props;
  const now = useNow();
  const known = useMemo(() => countries("en"), []);
  const zones = useMemo(() => timezones(timezone), [timezone]);
  const clock = timezone ? clockIn(timezone, new Date(now), "en") : undefined;
  return (
    <>
      <Select
        label={placeWords.country}
        description={props.countryHint}
        data={known}
        searchable
        clearable={clearable}
        allowDeselect={clearable}
        limit={60}
        nothingFoundMessage={placeWords.none}
        disabled={disabled}
        value={country}
        onChange={props.onCountry}
        error={props.countryError}
      />
      <Select
        label={placeWords.timezone}
        description={[props.timezoneHint, clock && placeWords.clock(clock)].filter(Boolean).join(" ") || undefined}
        data={zones.map((value) => ({ value, label: value.replaceAll("_", " ") }))}
        searchable
        clearable={clearable}
        allowDeselect={clearable}
        limit={60}
        nothingFoundMessage={placeWords.none}
        disabled={disabled}
        value={timezone}
        onChange={props.onTimezone}
        error={props.timezoneError}
      />
    </>
  );
}

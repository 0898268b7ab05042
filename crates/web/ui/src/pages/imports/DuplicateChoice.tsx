import { Radio, Stack } from "@mantine/core";
import { imports } from "../../strings/imports";

const t = imports.duplicates;

export type OnDuplicate = "update" | "skip";

interface DuplicateChoiceProps {
  value: OnDuplicate;
  onChange: (value: OnDuplicate) => void;
}

/** What becomes of people who are leads already. */
export function DuplicateChoice({ value, onChange }: DuplicateChoiceProps) {
  return (
    <Radio.Group label={t.label} value={value} onChange={(next) => onChange(next === "skip" ? "skip" : "update")}>
      <Stack gap={8} mt={8}>
        <Radio value="update" label={t.update} />
        <Radio value="skip" label={t.skip} />
      </Stack>
    </Radio.Group>
  );
}

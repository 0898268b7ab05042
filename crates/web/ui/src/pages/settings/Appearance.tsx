import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { common } from "../../strings/common";
import { settings } from "../../strings/settings";
import { Section } from "../common/Section";

const SCHEMES: readonly MantineColorScheme[] = ["auto", "light", "dark"];

/** Light, dark, or as the system has it. */
export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={settings.appearance.title} text={settings.appearance.text} beside>
      <SegmentedControl
        aria-label={settings.appearance.title}
        data={SCHEMES.map((value) => ({ value, label: common.colorScheme[value] }))}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
      />
    </Section>
  );
}

import { IconCode, IconFileImport, IconMessage, IconPencil, IconPhone, IconWorld, type Icon } from "@tabler/icons-react";
import { leads } from "../../strings/leads";
import type { LeadSource } from "../model";
import classes from "./marks.module.css";

const ICONS: Record<LeadSource, Icon> = {
  sms: IconMessage,
  call: IconPhone,
  manual: IconPencil,
  import: IconFileImport,
  web: IconWorld,
  api: IconCode,
};

/** How a lead came. */
export function SourceMark({ source }: { source: LeadSource }) {
  const Glyph = ICONS[source];
  return (
    <span className={classes.source}>
      <Glyph size={15} stroke={1.7} aria-hidden />
      {leads.sources[source]}
    </span>
  );
}

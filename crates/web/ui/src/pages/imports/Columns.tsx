import { IconArrowRight } from "@tabler/icons-react";
import { LabelChip } from "../../components/LabelChip";
import { imports } from "../../strings/imports";
import { Section } from "../common/Section";
import type { Import } from "../model";
import classes from "./ImportPage.module.css";

const t = imports.preview;

/** What each column of the file was taken for. */
export function Columns({ columns }: Pick<Import, "columns">) {
  if (columns.length === 0) return null;
  return (
    <Section title={t.columns}>
      <ul className={classes.columns}>
        {columns.map(({ header, field }, index) => (
          <li key={`${String(index)} ${header}`} data-ignored={field === null || undefined}>
            <span className={classes.header}>{header || imports.ended.emptyValue}</span>
            <IconArrowRight size={14} stroke={1.8} aria-label={t.columnField} role="img" className={classes.arrow} />
            {field ? <LabelChip name={imports.fields[field] ?? field} color="teal" /> : <span className={classes.soft}>{t.ignored}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

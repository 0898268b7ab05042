import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { LabelChip } from "../../components/LabelChip";
import { imports as t } from "../../strings/imports";
import { saveAs } from "../data/files";
import { COLUMN_FIELDS } from "./import";
import classes from "./ImportPage.module.css";

const EXAMPLE = [
  "Name,Phone,E-mail,Status,Tags,Country",
  '"Baker, Ava",+1 415 555 0142,ava@example.com,new,"vip, boiler",US',
  "Noah Silva,+55 11 99988-7766,noah@example.com,contacted,,BR",
].join("\r\n");

/** Which columns are understood, and a file to begin with. */
export function FieldHelp() {
  const download = () => saveAs(new Blob(["\ufeff", EXAMPLE, "\r\n"], { type: "text/csv" }), t.exampleName);
  return (
    <div className={classes.help}>
      <div>
        <h3 className={classes.helpTitle}>{t.fieldsTitle}</h3>
        <p className={classes.soft}>{t.fieldsText}</p>
      </div>
      <div className={classes.chips}>
        {COLUMN_FIELDS.map((field) => (
          <LabelChip key={field} name={t.fields[field] ?? field} color="indigo" />
        ))}
      </div>
      <Button variant="default" size="xs" leftSection={<IconDownload size={14} />} onClick={download}>
        {t.example}
      </Button>
    </div>
  );
}

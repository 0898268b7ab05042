import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { imports } from "../../strings/imports";
import { Notice } from "../common/Notice";
import { Section } from "../common/Section";
import { Trouble } from "../common/Trouble";
import type { Import } from "../model";
import { BadRows } from "./BadRows";
import { Columns } from "./Columns";
import { Figures } from "./Figures";
import { usableRows, verdict } from "./import";
import classes from "./ImportPage.module.css";

const t = imports.preview;

interface PreviewProps {
  preview: Import;
  filename: string;
  onStart: () => void;
  onOther: () => void;
  starting: boolean;
  error: unknown;
  children: ReactNode;
}

/** What would become of the file, before anything does. */
export function Preview({ preview, filename, onStart, onOther, starting, error, children }: PreviewProps) {
  const judged = preview.status === "failed" ? "failed" : verdict(preview);
  const usable = usableRows(preview);
  const possible = judged === "good" || judged === "someBad";
  const read = [t.rows(preview.total_rows), t.detail(t.delimiters[preview.delimiter] ?? preview.delimiter, preview.encoding)];
  return (
    <>
      <Section title={filename} text={`${read.join(" · ")}. ${t.nothingChanged}`}>
        <div className={classes.stack}>
          {judged === "good" && (
            <Notice tone="neutral">
              <p>{t.good}</p>
            </Notice>
          )}
          {judged === "someBad" && (
            <Notice tone="warning">
              <p>{t.someBad(preview.failed)}</p>
            </Notice>
          )}
          {judged === "failed" && (
            <Notice tone="bad" title={imports.ended.failed} alert>
              <p>{preview.detail}</p>
            </Notice>
          )}
          {(judged === "allBad" || judged === "nothingRecognised" || judged === "empty") && (
            <Notice tone="bad" alert>
              <p>{t[judged]}</p>
            </Notice>
          )}
          <Figures figures={preview} words={t.figures} />
          {possible && children}
          <Trouble error={error} />
          <Group gap="xs">
            {possible && (
              <Button onClick={onStart} loading={starting}>
                {t.start(usable)}
              </Button>
            )}
            <Button variant={possible ? "default" : undefined} onClick={onOther} disabled={starting}>
              {t.other}
            </Button>
          </Group>
        </div>
      </Section>
      <Columns columns={preview.columns} />
      <BadRows of={preview} title={imports.ended.badRowsPreview} />
    </>
  );
}

import { Progress } from "@mantine/core";
import { imports } from "../../strings/imports";
import { Section } from "../common/Section";
import type { Import } from "../model";
import { percent } from "./import";
import classes from "./ImportPage.module.css";

interface ReadingProps {
  filename: string;
  /** Nothing while the file is still on its way. */
  progress: Import | undefined;
}

/** The rehearsal runs. */
export function Reading({ filename, progress }: ReadingProps) {
  const done = progress ? percent(progress) : 100;
  return (
    <Section title={filename} text={imports.checking}>
      <Progress value={done} animated={!progress} aria-label={imports.checking} size="lg" />
      {progress && progress.total_rows > 0 && (
        <p className={classes.soft}>{imports.running.progress(progress.done_rows, progress.total_rows)}</p>
      )}
    </Section>
  );
}

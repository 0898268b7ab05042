import { pageWords } from "../../strings/pages";
import { CopyIcon } from "./CopyIcon";
import classes from "./CopyField.module.css";

interface CopyFieldProps {
  label: string;
  value: string;
  /** Shows the label above; without it, readers alone get it. */
  labelled?: boolean;
  big?: boolean;
}

/** A value to be copied as it is. */
export function CopyField({ label, value, labelled, big }: CopyFieldProps) {
  return (
    <div className={classes.field}>
      {labelled && <span className={classes.label}>{label}</span>}
      <div className={classes.box} data-big={big || undefined}>
        <code className={classes.value} tabIndex={0} aria-label={`${label}: ${value}`} role="group">
          {value}
        </code>
        <CopyIcon value={value} label={pageWords.copy(label)} />
      </div>
    </div>
  );
}

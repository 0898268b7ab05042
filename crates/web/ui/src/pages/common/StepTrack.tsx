import { IconCheck } from "@tabler/icons-react";
import { pageWords } from "../../strings/pages";
import classes from "./StepTrack.module.css";

interface StepTrackProps {
  labels: readonly string[];
  /** Which one it is at; past the last one all are done. */
  active: number;
}

/** How far along one is. */
export function StepTrack({ labels, active }: StepTrackProps) {
  return (
    <ol className={classes.track} aria-label={pageWords.steps}>
      {labels.map((label, index) => {
        const state = index < active ? "done" : index === active ? "now" : "later";
        return (
          <li key={label} className={classes.step} data-state={state} aria-current={state === "now" ? "step" : undefined}>
            <span className={classes.mark} aria-hidden>
              {state === "done" ? <IconCheck size={15} stroke={2.8} /> : index + 1}
            </span>
            <span className={classes.label}>
              {label}
              {state === "done" && <span className="visually-hidden">, {pageWords.done}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

import { imports } from "../../strings/imports";
import { StepTrack } from "../common/StepTrack";
import classes from "./ImportPage.module.css";

const { steps } = imports;

/** How far the import is; at 3 it is over. */
export function Steps({ active }: { active: 0 | 1 | 2 | 3 }) {
  return (
    <div className={classes.steps}>
      <StepTrack labels={[steps.choose, steps.check, steps.run]} active={active} />
    </div>
  );
}

import { IconMessageOff } from "@tabler/icons-react";
import { leads } from "../../strings/leads";
import classes from "./marks.module.css";

/** Says that somebody must not be texted. */
export function OptOutMark() {
  return (
    <span className={classes.optedOut}>
      <IconMessageOff size={12} stroke={2} aria-hidden />
      {leads.optedOut}
    </span>
  );
}

import { keyNames } from "../lib/shortcuts";
import classes from "./Keys.module.css";

/** A key combination, as keys. */
export function Keys({ combo }: { combo: string }) {
  return (
    <span className={classes.keys}>
      {keyNames(combo).map((name) => (
        <kbd key={name} className={classes.key}>
          {name}
        </kbd>
      ))}
    </span>
  );
}

import type { Import } from "../model";
import classes from "./ImportPage.module.css";

type Name = "created" | "updated" | "skipped" | "failed";
const NAMES: readonly Name[] = ["created", "updated", "skipped", "failed"];

interface FiguresProps {
  figures: Pick<Import, Name>;
  words: Record<Name, string>;
}

/** How many rows became what. */
export function Figures({ figures, words }: FiguresProps) {
  return (
    <dl className={classes.figures}>
      {NAMES.map((name) => (
        <div key={name} data-bad={(name === "failed" && figures[name] > 0) || undefined}>
          <dt>{words[name]}</dt>
          <dd>{figures[name].toLocaleString()}</dd>
        </div>
      ))}
    </dl>
  );
}

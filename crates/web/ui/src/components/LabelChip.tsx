import type { ReactNode } from "react";

import classes from "./LabelChip.module.css";

interface LabelChipProps {
  name: ReactNode;
  color: string | null | undefined;
  onRemove?: () => void;
  removeLabel?: string;
}

/** A label in its colour (a name of the palette that the API has). */
export function LabelChip({ name, color, onRemove, removeLabel }: LabelChipProps) {
  return (
    <span className={classes.chip} data-color={color ?? "gray"}>
      <span className={classes.name}>{name}</span>
      {onRemove && (
        <button type="button" className={classes.remove} onClick={onRemove} aria-label={removeLabel}>
          ×
        </button>
      )}
    </span>
  );
}

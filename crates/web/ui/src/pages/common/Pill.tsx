import type { ReactNode } from "react";
import classes from "./Pill.module.css";

interface PillProps {
  tone: "good" | "warning" | "bad" | "neutral" | "accent";
  icon?: ReactNode;
  children: ReactNode;
  title?: string;
}

/** A state in a word. */
export function Pill({ tone, icon, children, title }: PillProps) {
  return (
    <span className={classes.pill} data-tone={tone} title={title}>
      {icon}
      {children}
    </span>
  );
}

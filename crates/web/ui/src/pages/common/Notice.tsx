import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

interface NoticeProps {
  tone: "bad" | "warning" | "neutral";
  title?: string;
  icon?: ReactNode;
  children?: ReactNode;
  /** Tells readers at once; for what appears after something was done. */
  alert?: boolean;
}

/** Something to know, in a box of its own. */
export function Notice({ tone, title, icon, children, alert }: NoticeProps) {
  const usual = tone === "neutral" ? <IconInfoCircle size={18} stroke={1.8} /> : <IconAlertTriangle size={18} stroke={1.8} />;
  return (
    <div className={classes.notice} data-tone={tone} role={alert ? "alert" : undefined}>
      <span className={classes.icon} aria-hidden>
        {icon ?? usual}
      </span>
      <div className={classes.content}>
        {title && <p className={classes.title}>{title}</p>}
        {children}
      </div>
    </div>
  );
}

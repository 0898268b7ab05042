import type { ReactNode } from "react";
import { errorWords } from "../../components/errorWords";
import { common } from "../../strings/common";
import { Notice } from "./Notice";
import classes from "./Notice.module.css";

interface TroubleProps {
  /** What was thrown; nothing is shown without it. */
  error: unknown;
  /** Instead of the usual title. */
  title?: string;
  /** A way out. */
  children?: ReactNode;
}

/** What went wrong with a form, in the form. */
export function Trouble({ error, title, children }: TroubleProps) {
  if (error === null || error === undefined) return null;
  const words = errorWords(error);
  return (
    <Notice tone="bad" title={title ?? words.title} alert>
      <p>{words.detail}</p>
      {children}
      {words.requestId && <p className={classes.soft}>{common.requestId(words.requestId)}</p>}
    </Notice>
  );
}

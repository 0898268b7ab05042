import { useId, type ReactNode } from "react";
import classes from "./Section.module.css";

interface SectionProps {
  title: string;
  text?: ReactNode;
  /** At the right of the title. */
  aside?: ReactNode;
  children?: ReactNode;
  /** Lets what is inside reach the edges, as tables do. */
  flush?: boolean;
  /** Puts title and text at the left of the fields where there is room, as in settings. */
  beside?: boolean;
}

/** A card of a page, under a heading of its own. */
export function Section({ title, text, aside, children, flush, beside }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} data-beside={beside || undefined} aria-labelledby={id}>
      <div className={classes.head}>
        <div className={classes.heading}>
          <h2 id={id} className={classes.title}>
            {title}
          </h2>
          {text && <p className={classes.text}>{text}</p>}
        </div>
        {aside}
      </div>
      {children && (
        <div className={classes.body} data-flush={flush || undefined}>
          {children}
        </div>
      )}
    </section>
  );
}

import type { ReactNode } from "react";

import classes from "./Page.module.css";

interface PageProps {
  title: string;
  subtitle?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children?: ReactNode;
  /** Gives tables and columns more of the width. */
  wide?: boolean;
  /** Leaves scrolling to what is inside, which gets all of the room. */
  fill?: boolean;
}

/** The frame of a page that is not the inbox: a heading, actions, and content that scrolls. */
export function Page({ title, subtitle, actions, children, wide, fill }: PageProps) {
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.heading}>
          <h1 className={classes.title}>{title}</h1>
          {subtitle && <div className={classes.subtitle}>{subtitle}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {fill ? (
        <div className={classes.fill}>{children}</div>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={title}>
          <div className={classes.content} data-wide={wide || undefined}>
            {children}
          </div>
        </div>
      )}
    </div>
  );
}

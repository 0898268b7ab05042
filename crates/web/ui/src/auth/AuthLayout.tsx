import type { ReactNode } from "react";

import { strings } from "../app/strings";
import { Mark } from "../components/Mark";
import classes from "./AuthLayout.module.css";

interface AuthLayoutProps {
  title: string;
  subtitle: string;
  children: ReactNode;
  footer: ReactNode;
}

/** The frame of the pages before the login. */
export function AuthLayout({ title, subtitle, children, footer }: AuthLayoutProps) {
  const t = strings.auth.pitch;
  return (
    <div className={classes.layout}>
      <aside className={classes.pitch}>
        <div className={classes.brand}>
          <Mark size={36} />
          <span>{strings.common.product}</span>
        </div>
        <div>
          <p className={classes.claim}>{t.title}</p>
          <ul className={classes.lines}>
            {t.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      </aside>
      <main className={classes.main}>
        <div className={classes.card}>
          <h1 className={classes.title}>{title}</h1>
          <p className={classes.subtitle}>{subtitle}</p>
          {children}
          <p className={classes.footer}>{footer}</p>
        </div>
      </main>
    </div>
  );
}

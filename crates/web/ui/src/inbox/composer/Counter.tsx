import { Button, Popover, UnstyledButton } from "@mantine/core";

import { strings } from "../../app/strings";
import { canBePlainer, plainCharacters, type Segments } from "../segments";
import classes from "./Composer.module.css";

const t = strings.inbox.composer;

interface CounterProps {
  body: string;
  size: Segments;
  onChange: (body: string) => void;
}

/** Characters, encoding and segments; and which characters make it Unicode. */
export function Counter({ body, size, onChange }: CounterProps) {
  const text = t.counter(size.characters, size.encoding, size.segments);
  const label = t.counterLabel(size.characters, size.encoding, size.segments);
  if (size.forcing.length === 0) {
    return (
      <span className={classes.counter} title={t.left(size.capacity - size.units)} aria-label={label} role="status" aria-live="off">
        {text}
      </span>
    );
  }
  const kinds = [...new Set(size.forcing.map((one) => one.text))];
  return (
    <Popover position="top-end" width={300} withinPortal>
      <Popover.Target>
        <UnstyledButton className={classes.counter} data-unicode>
          {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.forcingText}>{t.forcing}</p>
        <p className={classes.forcing}>
          {kinds.slice(0, 24).map((kind) => (
            <span key={kind} className={classes.forcingChar}>
              {kind === "\t" ? "⇥" : kind}
            </span>
          ))}
        </p>
        {canBePlainer(size.forcing) && (
          <Button size="compact-sm" variant="light" onClick={() => onChange(plainCharacters(body))}>
            {t.plain}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

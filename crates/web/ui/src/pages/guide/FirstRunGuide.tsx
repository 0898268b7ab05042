import { CloseButton, Tooltip } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { guide as t } from "../../strings/guide";
import { GuideStep } from "./GuideStep";
import { nextStep, type Step } from "./steps";
import { useGuide } from "./useGuide";
import classes from "./FirstRunGuide.module.css";

/**
 * What to do first, until it is done: connect a number, receive, answer. It goes away by itself,
 * and comes back for nobody who has hidden it.
 */
export function FirstRunGuide() {
  const { open, hide } = useGuide();
  return open ? <Card all={open} onHide={hide} /> : null;
}

function Card({ all, onHide }: { all: Step[]; onHide: () => void }) {
  const next = nextStep(all);
  const done = all.filter((step) => step.done).length;
  return (
    <section className={classes.card} aria-labelledby="first-run-guide">
      <header className={classes.head}>
        <div>
          <h2 id="first-run-guide" className={classes.title}>
            {t.title}
          </h2>
          <span className={classes.progress}>{t.progress(done, all.length)}</span>
        </div>
        <Tooltip label={t.hide}>
          <CloseButton onClick={onHide} aria-label={t.hide} />
        </Tooltip>
      </header>
      <ol className={classes.steps}>
        {all.map((step, index) => (
          <li key={step.name} className={classes.step} data-state={step.done ? "done" : step.name === next ? "next" : "later"}>
            <span className={classes.mark} aria-hidden>
              {step.done ? <IconCheck size={15} stroke={2.6} /> : index + 1}
            </span>
            <GuideStep step={step} isNext={step.name === next} />
          </li>
        ))}
      </ol>
    </section>
  );
}

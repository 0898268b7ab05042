import { Stepper } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { imports } from "../../strings/imports";
import classes from "./ImportPage.module.css";

const { steps } = imports;

/** Where one is. */
export function Steps({ active }: { active: 0 | 1 | 2 | 3 }) {
  const narrow = useMediaQuery("(max-width: 767px)");
  return (
    <Stepper active={active} size={narrow ? "xs" : "sm"} wrap={false} className={classes.steps}>
      {[steps.choose, steps.check, steps.run].map((label, index) => (
        <Stepper.Step
          key={label}
          label={narrow && index !== active ? undefined : label}
          aria-label={label}
          allowStepSelect={false}
          aria-current={index === active ? "step" : undefined}
        />
      ))}
    </Stepper>
  );
}

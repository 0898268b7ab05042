import { IconAlertCircle, IconBan, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";

import type { Message } from "../../api/types";
import { deliveryWords, tickOf, type Tick } from "./delivery";
import classes from "./Bubble.module.css";

const ICONS = { clock: IconClock, one: IconCheck, two: IconChecks, read: IconChecks, failed: IconAlertCircle, off: IconBan };

/** Clock, one tick, two ticks, or red: where a message of ours is. */
export function Ticks({ message }: { message: Message }) {
  return <TickMark tick={tickOf(message)} words={deliveryWords(message)} />;
}

export function TickMark({ tick, words }: { tick: Tick; words: string }) {
  const Icon = ICONS[tick];
  return (
    <span className={classes.tick} data-tick={tick} role="img" aria-label={words} title={words}>
      <Icon size={14} stroke={2} />
    </span>
  );
}

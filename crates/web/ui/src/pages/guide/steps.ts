/** What the guide asks the API about. */
export interface Facts {
  /** How many channels there are. */
  channels: number;
  /** Whether one of them can receive and send. */
  takingPart: boolean;
  /** Whether a customer's text has come. */
  received: boolean;
  /** Whether a text of ours has gone out. */
  sent: boolean;
  /** How many people there are. */
  people: number;
}

export type StepName = "connect" | "receive" | "send" | "invite";

export interface Step {
  name: StepName;
  done: boolean;
  /** A good idea, without which the guide is done all the same. */
  optional: boolean;
}

/** The steps, in the order to take them. */
export function steps(facts: Facts): Step[] {
  return [
    { name: "connect", done: facts.channels > 0 && facts.takingPart, optional: false },
    { name: "receive", done: facts.received, optional: false },
    { name: "send", done: facts.sent, optional: false },
    { name: "invite", done: facts.people > 1, optional: true },
  ];
}

/** Whether there is nothing left that has to be done. */
export function finished(all: readonly Step[]): boolean {
  return all.every(({ done, optional }) => done || optional);
}

/** The step to take next: the first that has to be done, else the first that may be. */
export function nextStep(all: readonly Step[]): StepName | undefined {
  const open = all.filter(({ done }) => !done);
  return (open.find(({ optional }) => !optional) ?? open[0])?.name;
}

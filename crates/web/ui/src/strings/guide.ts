import type { StepName } from "../pages/guide/steps";

export const guide = {
  title: "Getting started",
  progress: (done: number, all: number) => `${String(done)} of ${String(all)} done`,
  optional: "optional",
  hide: "Hide this guide",
  done: "done",
  open: "to do",
  steps: {
    connect: {
      title: "Connect a number",
      text: "Your Twilio account and a number that can text. It takes two minutes.",
      admin: "An admin or owner has to do this.",
      simulated: "No account at Twilio yet? Started as a demo, Trunkline brings a simulated one with a handset.",
      action: "Connect Twilio",
    },
    receive: {
      title: "Receive a first text",
      text: "Text your number from your own phone.",
      handset: "This demo has a simulated handset: text as a customer from there.",
      handsetElsewhere: "This demo has a simulated handset: text as a customer from there. The demo printed its address when it started.",
      openHandset: "Open the handset",
      number: (number: string) => `Text ${number} from your own phone.`,
      action: "Go to the inbox",
    },
    send: {
      title: "Send an answer",
      text: "Answer a conversation, or text somebody new.",
      action: "Go to the inbox",
      lead: "Add somebody",
    },
    invite: {
      title: "Invite a colleague",
      text: "So that nobody waits for an answer.",
      admin: "An admin or owner can do this.",
      action: "Invite",
    },
  } satisfies Record<StepName, object>,
};

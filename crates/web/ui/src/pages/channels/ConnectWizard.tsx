import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { channels } from "../../strings/channels";
import type { Channel } from "../model";
import { ConnectDone } from "./ConnectDone";
import { ConnectSteps } from "./ConnectSteps";

/** Connects a number: account, number, and the questions to Twilio; then what to do next. */
export function ConnectWizard({ onClose }: { onClose: () => void }) {
  const narrow = useMediaQuery("(max-width: 767px)");
  const [made, setMade] = useState<Channel | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={channels.wizard.title}
      size={620}
      fullScreen={narrow}
      // What was typed is long; a click beside it must not throw it away.
      closeOnClickOutside={made !== null}
      styles={{ title: { fontWeight: 650, fontSize: "1.0625rem" } }}
    >
      {made ? <ConnectDone channel={made} onClose={onClose} /> : <ConnectSteps onConnected={setMade} onClose={onClose} />}
    </Modal>
  );
}

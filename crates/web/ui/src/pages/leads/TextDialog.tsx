import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lead as words } from "../../strings/leads";
import type { Lead } from "../model";
import { nameOf } from "./names";
import { TextForm } from "./TextForm";

interface TextDialogProps {
  opened: boolean;
  onClose: () => void;
  lead: Lead;
}

/** Writes to a lead, from wherever one is. */
export function TextDialog({ opened, onClose, lead }: TextDialogProps) {
  const narrow = useMediaQuery("(max-width: 767px)");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.compose.title(nameOf(lead))}
      size="lg"
      fullScreen={narrow}
      styles={{ title: { fontWeight: 650, fontSize: "1rem" } }}
    >
      <TextForm lead={lead} onClose={onClose} />
    </Modal>
  );
}

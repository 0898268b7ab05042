import { Modal } from "@mantine/core";

/** Placeholder until the inbox brings search. */
export function CommandBar({ onClose }: { onClose: () => void }) {
  return <Modal opened onClose={onClose} />;
}

import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { apiKeys } from "../../strings/apiKeys";
import { CreateKeyForm, type CreatedKey } from "./CreateKeyForm";
import { NewKey } from "./NewKey";

/** Makes a key, and shows it once. */
export function CreateKeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const narrow = useMediaQuery("(max-width: 767px)");
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const close = () => {
    setCreated(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={created ? apiKeys.created.title : apiKeys.form.title}
      size={560}
      fullScreen={narrow}
      // The key would be lost by a click or a key press beside it.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      styles={{ title: { fontWeight: 650, fontSize: "1rem" } }}
    >
      {created ? <NewKey created={created} onDone={close} /> : <CreateKeyForm onCancel={close} onCreated={setCreated} />}
    </Modal>
  );
}

import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { team } from "../../strings/team";
import { InviteForm, type Invited } from "./InviteForm";
import { OneTimePassword } from "./OneTimePassword";

/** Makes a login, and shows its password once. */
export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const narrow = useMediaQuery("(max-width: 767px)");
  const [invited, setInvited] = useState<Invited | null>(null);
  const close = () => {
    setInvited(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={invited ? team.created.title(invited.name) : team.form.title}
      size={480}
      fullScreen={narrow}
      // The password would be lost by a click or a key beside it.
      closeOnClickOutside={!invited}
      closeOnEscape={!invited}
      styles={{ title: { fontWeight: 650, fontSize: "1rem" } }}
    >
      {invited ? <OneTimePassword invited={invited} onDone={close} /> : <InviteForm onCancel={close} onInvited={setInvited} />}
    </Modal>
  );
}

import { Button, Menu } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconDots, IconEdit, IconMessage, IconMessageOff, IconMessageCheck, IconTrash } from "@tabler/icons-react";
import { notifyDone } from "../../components/notify";
import { lead as t } from "../../strings/leads";
import { Confirm } from "../common/Confirm";
import { GatedButton } from "../common/GatedButton";
import { IconButton } from "../common/IconButton";
import { useMay } from "../common/may";
import { useChangeLead, useDeleteLead } from "../data/leads";
import type { Lead } from "../model";
import { LeadForm } from "./LeadForm";
import { nameOf } from "./names";
import { TextDialog } from "./TextDialog";
import { whyNotText } from "./whyNotText";

/** What can be done with a lead. */
export function LeadActions({ lead, onDeleted }: { lead: Lead; onDeleted: () => void }) {
  const { answer } = useMay();
  const narrow = useMediaQuery("(max-width: 767px)");
  const [editing, edit] = useDisclosure(false);
  const [texting, text] = useDisclosure(false);
  const [marking, mark] = useDisclosure(false);
  const [removing, remove] = useDisclosure(false);
  const why = whyNotText(lead, answer);
  const byTeam = lead.sms_opt_out && lead.sms_opt_out_source === "manual";
  return (
    <>
      {answer && !narrow && (
        <Button variant="default" leftSection={<IconEdit size={16} />} onClick={edit.open}>
          {t.edit}
        </Button>
      )}
      <GatedButton leftSection={<IconMessage size={16} />} onClick={text.open} reason={why && t.whyNot[why]}>
        {t.text}
      </GatedButton>
      {answer && (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <IconButton label={t.more} icon={IconDots} />
          </Menu.Target>
          <Menu.Dropdown>
            {narrow && (
              <Menu.Item leftSection={<IconEdit size={16} />} onClick={edit.open}>
                {t.edit}
              </Menu.Item>
            )}
            {lead.phone && !lead.sms_opt_out && (
              <Menu.Item leftSection={<IconMessageOff size={16} />} onClick={mark.open}>
                {t.optOut}
              </Menu.Item>
            )}
            {byTeam && (
              <Menu.Item leftSection={<IconMessageCheck size={16} />} onClick={mark.open}>
                {t.optIn}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove.open}>
              {t.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <LeadForm opened={editing} onClose={edit.close} lead={lead} onSaved={() => undefined} />
      <TextDialog opened={texting} onClose={text.close} lead={lead} />
      <MarkConfirm opened={marking} onClose={mark.close} lead={lead} />
      <RemoveConfirm opened={removing} onClose={remove.close} lead={lead} onDeleted={onDeleted} />
    </>
  );
}

interface DialogProps {
  opened: boolean;
  onClose: () => void;
  lead: Lead;
}

function MarkConfirm({ opened, onClose, lead }: DialogProps) {
  const change = useChangeLead(lead.id);
  const words = lead.sms_opt_out ? t.optInConfirm : t.optOutConfirm;
  const close = () => {
    change.reset();
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      onClose={close}
      title={words.title}
      action={words.action}
      danger={!lead.sms_opt_out}
      pending={change.isPending}
      error={change.error}
      onConfirm={() =>
        change.mutate(
          { sms_opt_out: !lead.sms_opt_out },
          {
            onSuccess: () => {
              notifyDone(words.done);
              close();
            },
          },
        )
      }
    >
      {words.text(nameOf(lead))}
    </Confirm>
  );
}

function RemoveConfirm({ opened, onClose, lead, onDeleted }: DialogProps & { onDeleted: () => void }) {
  const remove = useDeleteLead();
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t.removeConfirm.title}
      action={t.removeConfirm.action}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(lead.id, {
          onSuccess: () => {
            notifyDone(t.removeConfirm.done(nameOf(lead)));
            onDeleted();
          },
        })
      }
    >
      {t.removeConfirm.text(nameOf(lead))}
    </Confirm>
  );
}

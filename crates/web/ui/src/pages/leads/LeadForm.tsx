import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { leads } from "../../strings/leads";
import type { Lead } from "../model";
import { LeadFields } from "./LeadFields";

interface LeadFormProps {
  opened: boolean;
  onClose: () => void;
  /** The lead to edit; without one, somebody is added. */
  lead?: Lead;
  onSaved: (lead: Lead) => void;
}

/** Adds or edits a lead, beside what was on the page. */
export function LeadForm({ opened, onClose, lead, onSaved }: LeadFormProps) {
  const narrow = useMediaQuery("(max-width: 767px)");
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={narrow ? "100%" : 440}
      title={lead ? leads.form.editTitle : leads.form.addTitle}
      styles={{ title: { fontWeight: 650, fontSize: "1rem" } }}
    >
      <LeadFields
        lead={lead}
        onCancel={onClose}
        onSaved={(saved) => {
          onClose();
          onSaved(saved);
        }}
      />
    </Drawer>
  );
}

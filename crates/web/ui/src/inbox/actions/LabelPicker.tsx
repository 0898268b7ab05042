import { Button, Combobox, useCombobox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconCheck, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { keys } from "../../api/keys";
import type { Conversation } from "../../api/types";
import { strings } from "../../app/strings";
import { LabelChip } from "../../components/LabelChip";
import { useLabels } from "../queries";
import { createLabel } from "../requests";
import { ConversationLabel } from "./ConversationLabel";
import { colorFor } from "./labelColors";
import { useActions } from "./useActions";
import classes from "../person/Person.module.css";

const t = strings.inbox.actions;

/** The labels of a conversation: taken off, put on, made. */
export function LabelPicker({ conversation, mayWrite }: { conversation: Conversation; mayWrite: boolean }) {
  const client = useQueryClient();
  const known = useLabels().data ?? [];
  const actions = useActions(conversation);
  const [text, setText] = useState("");
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setText("");
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const has = (name: string) => conversation.labels.some((label) => label.toLowerCase() === name.toLowerCase());
  const labelOf = (name: string) => known.find((label) => label.name.toLowerCase() === name.toLowerCase());
  const toggle = async (name: string) => {
    const labels = has(name)
      ? conversation.labels.filter((label) => label.toLowerCase() !== name.toLowerCase())
      : [...conversation.labels, name];
    // Set on the conversation alone it would be made too, but grey.
    if (!has(name) && !labelOf(name)) await createLabel(name, colorFor(name)).catch(() => undefined);
    if (await actions.patch({ labels })) await client.invalidateQueries({ queryKey: keys.labels });
  };
  const typed = text.trim();
  const found = known.filter((label) => label.name.toLowerCase().includes(typed.toLowerCase()));
  const isNew = typed !== "" && !known.some((label) => label.name.toLowerCase() === typed.toLowerCase());
  return (
    <div className={classes.chips}>
      {conversation.labels.map((label) =>
        mayWrite ? (
          <ConversationLabel key={label} name={label} label={labelOf(label)} onRemove={() => void toggle(label)} />
        ) : (
          <LabelChip key={label} name={label} color={labelOf(label)?.color} />
        ),
      )}
      {mayWrite && (
        <Combobox
          store={combobox}
          width={220}
          position="bottom-start"
          shadow="md"
          onOptionSubmit={(value) => {
            void toggle(value);
            setText("");
          }}
        >
          <Combobox.Target targetType="button" withAriaAttributes={false}>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<IconPlus size={13} aria-hidden />}
              onClick={() => combobox.toggleDropdown()}
              aria-haspopup="listbox"
              aria-expanded={combobox.dropdownOpened}
            >
              {t.addLabel}
            </Button>
          </Combobox.Target>
          <Combobox.Dropdown>
            <Combobox.Search value={text} onChange={(event) => setText(event.currentTarget.value)} placeholder={t.searchLabels} aria-label={t.searchLabels} maxLength={50} />
            <Combobox.Options aria-label={t.labels} mah={240} style={{ overflowY: "auto" }}>
              {found.map((label) => (
                <Combobox.Option key={label.id} value={label.name} selected={has(label.name)}>
                  <span style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}>
                    <LabelChip name={label.name} color={label.color} />
                    {has(label.name) && <IconCheck size={14} aria-hidden />}
                  </span>
                </Combobox.Option>
              ))}
              {isNew && <Combobox.Option value={typed}>{t.newLabel(typed)}</Combobox.Option>}
            </Combobox.Options>
          </Combobox.Dropdown>
        </Combobox>
      )}
    </div>
  );
}

import { Button, Combobox, useCombobox } from "@mantine/core";
import { IconCheck, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useMe } from "../../api/client";
import type { Conversation } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { Avatar } from "../../components/Avatar";
import { useUserName, useUsers } from "../queries";
import { useActions } from "./useActions";

const t = strings.inbox.actions;
const NOBODY = "nobody";

/** Whose it is, and giving it to somebody else. */
export function AssignMenu({ conversation }: { conversation: Conversation }) {
  const me = useMe().user;
  const everybody = useUsers();
  // Who may only read could not answer.
  const users = (everybody.data ?? [me]).filter((user) => reaches(user.role, "agent"));
  const name = useUserName()(conversation.assigned_user_id);
  const actions = useActions(conversation);
  const [text, setText] = useState("");
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setText("");
    },
    onDropdownOpen: () => {
      combobox.focusSearchInput();
      // Somebody may have joined meanwhile.
      void everybody.refetch();
    },
  });
  const found = [...users]
    .sort((a, b) => Number(b.id === me.id) - Number(a.id === me.id) || a.name.localeCompare(b.name))
    .filter((user) => `${user.name} ${user.email}`.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Combobox
      store={combobox}
      width={240}
      position="bottom-end"
      shadow="md"
      onOptionSubmit={(value) => {
        void actions.assign(value === NOBODY ? null : value);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          size="compact-sm"
          h={32}
          variant="default"
          maw={160}
          leftSection={name ? <Avatar name={name} seed={conversation.assigned_user_id ?? ""} size={20} /> : <IconUserPlus size={15} aria-hidden />}
          onClick={() => combobox.toggleDropdown()}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          aria-label={`${t.assignTo}: ${name ?? t.unassigned}`}
        >
          {name ?? t.assign}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search value={text} onChange={(event) => setText(event.currentTarget.value)} placeholder={t.searchPeople} aria-label={t.searchPeople} />
        <Combobox.Options aria-label={t.assignTo} mah={260} style={{ overflowY: "auto" }}>
          {!text && conversation.assigned_user_id && <Combobox.Option value={NOBODY}>{t.unassigned}</Combobox.Option>}
          {found.map((user) => (
            <Combobox.Option key={user.id} value={user.id} selected={user.id === conversation.assigned_user_id}>
              <span style={{ display: "flex", alignItems: "center", gap: 8 }}>
                <Avatar name={user.name} seed={user.id} size={22} />
                <span style={{ flex: 1 }}>{user.id === me.id ? `${user.name} (${t.me.toLowerCase()})` : user.name}</span>
                {user.id === conversation.assigned_user_id && <IconCheck size={14} aria-hidden />}
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

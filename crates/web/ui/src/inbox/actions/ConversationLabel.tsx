import { Menu, UnstyledButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconX } from "@tabler/icons-react";

import { keys } from "../../api/keys";
import type { Label, LabelColor } from "../../api/types";
import { strings } from "../../app/strings";
import { LabelChip } from "../../components/LabelChip";
import { notifyError } from "../../components/notify";
import { paintLabel } from "../requests";
import { LABEL_COLORS } from "./labelColors";
import classes from "./Menus.module.css";

const t = strings.inbox.actions;

interface ConversationLabelProps {
  name: string;
  /** What is known of it; nothing while labels are fetched. */
  label: Label | undefined;
  onRemove: () => void;
}

/** A label of a conversation: taken off, or given another colour, which it has everywhere then. */
export function ConversationLabel({ name, label, onRemove }: ConversationLabelProps) {
  const client = useQueryClient();
  const paint = useMutation({
    mutationFn: (color: LabelColor) => paintLabel(label?.id ?? "", color),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.labels }),
    onError: notifyError,
  });
  if (!label) return <LabelChip name={name} color={null} onRemove={onRemove} removeLabel={t.removeLabel(name)} />;
  const target = (
    <Menu.Target>
      <UnstyledButton className={classes.chipName}>{name}</UnstyledButton>
    </Menu.Target>
  );
  return (
    <Menu position="bottom-start" width={170}>
      <LabelChip name={target} color={label.color} onRemove={onRemove} removeLabel={t.removeLabel(name)} />
      <Menu.Dropdown mah={340} style={{ overflowY: "auto" }}>
        <Menu.Item leftSection={<IconX size={14} aria-hidden />} onClick={onRemove}>
          {strings.common.remove}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.color}</Menu.Label>
        <Menu.RadioGroup value={label.color} onChange={(color) => paint.mutate(color as LabelColor)}>
          {LABEL_COLORS.map((color) => (
            <Menu.RadioItem key={color} value={color} closeMenuOnClick>
              <LabelChip name={t.colors[color]} color={color} />
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

import { Select, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserMinus } from "@tabler/icons-react";
import { useState } from "react";
import { Avatar } from "../../components/Avatar";
import { notifyDone, notifyError } from "../../components/notify";
import { common } from "../../strings/common";
import { team as t } from "../../strings/team";
import { Confirm } from "../common/Confirm";
import { GatedButton } from "../common/GatedButton";
import { useMay } from "../common/may";
import { Pill } from "../common/Pill";
import { TimeAgo } from "../common/TimeAgo";
import { useChangeRole, useRemoveMember } from "../data/team";
import type { Role, User } from "../model";
import { rolesOf, whyNotChange, whyNotRemove } from "./rules";
import classes from "./TeamPage.module.css";

/** One person, their role, and the way to change or remove them. */
export function MemberRow({ person, people }: { person: User; people: readonly User[] }) {
  const { role, userId, manage } = useMay();
  const actor = { id: userId, role };
  const whyNot = whyNotRemove(actor, person, people);
  const [removing, remove] = useDisclosure(false);
  return (
    <tr>
      <td>
        <div className={classes.person}>
          <Avatar name={person.name} seed={person.id} size={38} />
          <div className={classes.who}>
            <div className={classes.name}>
              {person.name}
              {person.id === userId && <Pill tone="neutral">{t.you}</Pill>}
            </div>
            <div className={classes.soft}>{person.email}</div>
          </div>
        </div>
      </td>
      <td>
        <RoleChoice person={person} people={people} />
      </td>
      <td className={`${classes.joined} ${classes.soft}`}>
        <TimeAgo at={person.created_at} />
      </td>
      <td>
        {manage && (
          <GatedButton
            variant="subtle"
            color={whyNot ? "gray" : "red"}
            size="xs"
            leftSection={<IconUserMinus size={15} />}
            onClick={remove.open}
            reason={whyNot && t.why[whyNot]}
          >
            {t.remove}
          </GatedButton>
        )}
        <RemoveConfirm person={person} opened={removing} onClose={remove.close} />
      </td>
    </tr>
  );
}

function RoleChoice({ person, people }: { person: User; people: readonly User[] }) {
  const { role, userId, manage } = useMay();
  const change = useChangeRole();
  const [asked, setAsked] = useState<Role | null>(null);
  const why = whyNotChange({ id: userId, role }, person, people);
  if (!manage) return <span>{common.roles[person.role]}</span>;
  const set = (next: Role) =>
    change.mutate(
      { id: person.id, role: next },
      { onSuccess: () => notifyDone(t.changed(person.name, common.roles[next].toLowerCase())), onError: notifyError },
    );
  const choices = [...new Set([...rolesOf(role), person.role])];
  return (
    <>
      <Tooltip label={why ? t.why[why] : t.roleHints[person.role]} multiline maw={260} events={{ hover: true, focus: true, touch: true }}>
        <Select
          className={classes.role}
          aria-label={t.roleOf(person.name)}
          allowDeselect={false}
          readOnly={why !== undefined || change.isPending}
          data={choices.map((value) => ({ value, label: common.roles[value] }))}
          value={change.isPending ? change.variables.role : person.role}
          onChange={(value) => {
            const next = value as Role | null;
            if (!next || next === person.role) return;
            if (person.id === userId) setAsked(next);
            else set(next);
          }}
        />
      </Tooltip>
      <Confirm
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={t.ownRoleConfirm.title}
        action={t.ownRoleConfirm.action}
        danger
        onConfirm={() => {
          if (asked) set(asked);
          setAsked(null);
        }}
      >
        {asked && t.ownRoleConfirm.text(common.roles[asked].toLowerCase())}
      </Confirm>
    </>
  );
}

function RemoveConfirm({ person, opened, onClose }: { person: User; opened: boolean; onClose: () => void }) {
  const remove = useRemoveMember();
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t.removeConfirm.title(person.name)}
      action={t.removeConfirm.action}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(person.id, {
          onSuccess: () => {
            notifyDone(t.removed(person.name));
            onClose();
          },
        })
      }
    >
      {t.removeConfirm.text}
    </Confirm>
  );
}

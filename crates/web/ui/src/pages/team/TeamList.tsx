import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { team as t } from "../../strings/team";
import { useMay } from "../common/may";
import type { User } from "../model";
import { MemberRow } from "./MemberRow";
import classes from "./TeamPage.module.css";

interface TeamListProps {
  people: User[];
  onInvite: () => void;
}

/** Everybody, in the order they joined. */
export function TeamList({ people, onInvite }: TeamListProps) {
  const { manage } = useMay();
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t.columns.person}</th>
            <th scope="col">{t.columns.role}</th>
            <th scope="col">{t.columns.joined}</th>
            <th scope="col">
              <span className="visually-hidden">{t.columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <MemberRow key={person.id} person={person} people={people} />
          ))}
        </tbody>
      </table>
      {people.length === 1 && manage && (
        <EmptyState
          icon={<IconUserPlus size={22} stroke={1.7} />}
          title={t.aloneTitle}
          actions={<Button onClick={onInvite}>{t.invite}</Button>}
          compact
        >
          {t.aloneText}
        </EmptyState>
      )}
    </>
  );
}

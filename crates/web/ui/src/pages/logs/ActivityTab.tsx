import { Button, Select } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { logs } from "../../strings/logs";
import { Section } from "../common/Section";
import { ACTIVITY_KINDS, type ActivityKind } from "../model";
import { ActivityFeed } from "./ActivityFeed";

const t = logs.activity;

interface ActivityTabProps {
  kind: ActivityKind | undefined;
  onKind: (kind: ActivityKind | undefined) => void;
}

/** The feed of the whole tenant, of all kinds or of one. */
export function ActivityTab({ kind, onKind }: ActivityTabProps) {
  const filter = (
    <Select
      aria-label={t.filter}
      placeholder={t.everything}
      clearable
      searchable
      w={220}
      data={ACTIVITY_KINDS.map((value) => ({ value, label: t.kinds[value] }))}
      value={kind ?? null}
      onChange={(value) => onKind((value as ActivityKind | null) ?? undefined)}
    />
  );
  const empty = kind && (
    <EmptyState
      icon={<IconActivity size={22} stroke={1.7} />}
      title={t.nothingOfKind}
      actions={
        <Button variant="default" onClick={() => onKind(undefined)}>
          {t.showAll}
        </Button>
      }
      compact
    />
  );
  return (
    <Section title={logs.tabs.activity} aside={filter}>
      <ActivityFeed filter={kind ? { kind } : {}} empty={empty} />
    </Section>
  );
}

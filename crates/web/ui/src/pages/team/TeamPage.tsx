import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { ErrorState } from "../../components/ErrorState";
import { Page } from "../../components/Page";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { team as t } from "../../strings/team";
import { GatedButton } from "../common/GatedButton";
import { useMay } from "../common/may";
import { useTeam } from "../data/team";
import { InviteDialog } from "./InviteDialog";
import { TeamList } from "./TeamList";

/** Who works here. */
export function TeamPage() {
  const { manage } = useMay();
  const query = useTeam();
  const [inviting, invite] = useDisclosure(false);
  return (
    <Page
      title={t.title}
      subtitle={t.description}
      wide
      actions={
        <GatedButton leftSection={<IconUserPlus size={16} />} onClick={invite.open} reason={!manage && t.why.adminOnly}>
          {t.invite}
        </GatedButton>
      }
    >
      {query.isPending ? (
        <RowsSkeleton rows={4} height={64} />
      ) : query.data ? (
        <TeamList people={query.data} onInvite={invite.open} />
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
      <InviteDialog opened={inviting} onClose={invite.close} />
    </Page>
  );
}

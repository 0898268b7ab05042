import { Button } from "@mantine/core";
import { IconAddressBook, IconPlus, IconSearchOff, IconUpload } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { leads as t } from "../../strings/leads";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { useLeads } from "../data/leads";
import { LeadTable } from "./LeadTable";
import { LeadTableSkeleton } from "./LeadTableSkeleton";
import { filterCount, type LeadSearch } from "./search";

interface LeadListProps {
  search: LeadSearch;
  onClear: () => void;
  onAdd: () => void;
}

/** The leads, or why there are none to see. */
export function LeadList({ search, onClear, onAdd }: LeadListProps) {
  const query = useLeads(search);
  if (query.isPending) return <LeadTableSkeleton />;
  if (query.isError && query.rows.length === 0) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.rows.length > 0) {
    return (
      <LeadTable
        // Another search begins at the top.
        key={JSON.stringify(search)}
        leads={query.rows}
        hasMore={query.hasNextPage}
        loadingMore={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    );
  }
  if (search.q || filterCount(search) > 0) {
    return (
      <EmptyState
        icon={<IconSearchOff size={22} stroke={1.7} />}
        title={t.nothingFound.title}
        actions={
          <Button variant="default" onClick={onClear}>
            {t.search.clear}
          </Button>
        }
      >
        {t.nothingFound.text}
      </EmptyState>
    );
  }
  return <NoLeads onAdd={onAdd} />;
}

function NoLeads({ onAdd }: { onAdd: () => void }) {
  const { answer } = useMay();
  const actions = answer && (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={onAdd}>
        {t.actions.add}
      </Button>
      <LinkButton to="/leads/import" variant="default" leftSection={<IconUpload size={16} />}>
        {t.actions.import}
      </LinkButton>
    </>
  );
  return (
    <EmptyState icon={<IconAddressBook size={22} stroke={1.7} />} title={t.empty.title} actions={actions}>
      {t.empty.text}
    </EmptyState>
  );
}

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBook, IconKey, IconLock, IconPlus } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { Page } from "../../components/Page";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { apiKeys as t } from "../../strings/apiKeys";
import { useMay } from "../common/may";
import { useApiKeys } from "../data/team";
import { CreateKeyDialog } from "./CreateKeyDialog";
import { KeyList } from "./KeyList";

/** Keys for programs; owners only. */
export function ApiKeysPage() {
  const { own } = useMay();
  const [creating, create] = useDisclosure(false);
  return (
    <Page
      title={t.title}
      subtitle={t.description}
      wide
      actions={
        <>
          <Button component="a" href="/docs/" target="_blank" variant="default" leftSection={<IconBook size={16} />}>
            {t.docs}
          </Button>
          {own && (
            <Button leftSection={<IconPlus size={16} />} onClick={create.open}>
              {t.create}
            </Button>
          )}
        </>
      }
    >
      {own ? (
        <Keys onCreate={create.open} />
      ) : (
        <EmptyState icon={<IconLock size={22} stroke={1.7} />} title={t.ownerOnly.title}>
          {t.ownerOnly.text}
        </EmptyState>
      )}
      <CreateKeyDialog opened={creating} onClose={create.close} />
    </Page>
  );
}

function Keys({ onCreate }: { onCreate: () => void }) {
  const query = useApiKeys(true);
  if (query.isPending) return <RowsSkeleton rows={3} height={64} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <EmptyState
        icon={<IconKey size={22} stroke={1.7} />}
        title={t.empty.title}
        actions={<Button onClick={onCreate}>{t.create}</Button>}
      >
        {t.empty.text}
      </EmptyState>
    );
  }
  return <KeyList apiKeys={query.data} />;
}

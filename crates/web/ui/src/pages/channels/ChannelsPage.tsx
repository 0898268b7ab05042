import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { IconPhonePlus, IconPlus } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { Page } from "../../components/Page";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { channels as t } from "../../strings/channels";
import { GatedButton } from "../common/GatedButton";
import { useMay } from "../common/may";
import { useChannels, useQueue } from "../data/channels";
import { FirstRunGuide } from "../guide/FirstRunGuide";
import { useGuide } from "../guide/useGuide";
import { ChannelCard } from "./ChannelCard";
import classes from "./ChannelsPage.module.css";

const ConnectWizard = lazy(() => import("./ConnectWizard").then((m) => ({ default: m.ConnectWizard })));

/** Standstills end by themselves, and no event says so. */
const QUEUE_EVERY_MS = 15_000;

/** The tenant's numbers, each with its account. */
export function ChannelsPage() {
  const { connect } = useSearch({ from: "/inside/channels" });
  const navigate = useNavigate({ from: "/channels" });
  const { manage } = useMay();
  const query = useChannels();
  const setConnecting = (open: boolean) => void navigate({ search: open ? { connect: true } : {}, replace: true });
  const some = (query.data ?? []).length > 0;
  return (
    <Page
      title={t.title}
      subtitle={t.description}
      wide
      actions={
        some && (
          <GatedButton leftSection={<IconPlus size={16} />} onClick={() => setConnecting(true)} reason={!manage && t.adminOnly}>
            {t.connectAnother}
          </GatedButton>
        )
      }
    >
      <FirstRunGuide />
      <List onConnect={() => setConnecting(true)} />
      {manage && connect && (
        <Suspense>
          <ConnectWizard onClose={() => setConnecting(false)} />
        </Suspense>
      )}
    </Page>
  );
}

function List({ onConnect }: { onConnect: () => void }) {
  const { manage } = useMay();
  const query = useChannels();
  const queue = useQueue(QUEUE_EVERY_MS);
  const guide = useGuide();
  if (query.isPending) return <RowsSkeleton rows={2} height={220} />;
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    // The guide says it already.
    if (guide.open) return null;
    return (
      <EmptyState
        icon={<IconPhonePlus size={22} stroke={1.7} />}
        title={t.empty.title}
        actions={manage && <Button onClick={onConnect}>{t.connect}</Button>}
      >
        {manage ? t.empty.text : t.empty.admin}
      </EmptyState>
    );
  }
  return (
    <ul className={classes.grid}>
      {query.data.map((channel) => (
        <li key={channel.id}>
          <ChannelCard
            channel={channel}
            queue={queue.data?.per_channel.find(({ channel_id }) => channel_id === channel.id)}
          />
        </li>
      ))}
    </ul>
  );
}

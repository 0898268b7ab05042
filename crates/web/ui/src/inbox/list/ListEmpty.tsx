import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconInbox, IconFilterOff, IconPlugConnected, IconDeviceMobileMessage, IconUserCheck } from "@tabler/icons-react";

import { useMe } from "../../api/client";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { EmptyState } from "../../components/EmptyState";
import { formatPhone } from "../../lib/phone";
import { OpenHandset } from "../../pages/guide/OpenHandset";
import { useChannels, useConversationList } from "../queries";
import type { InboxSearch } from "../search";
import { activeFilters } from "./activeFilters";
import { useSetSearch } from "./useSetSearch";

const t = strings.inbox.empty;

/** Why the list is empty, and what to do about it. */
export function ListEmpty({ search }: { search: InboxSearch }) {
  const set = useSetSearch();
  if (search.q || activeFilters(search) > 0) {
    return (
      <EmptyState
        icon={<IconFilterOff size={24} stroke={1.7} />}
        title={t.filteredTitle}
        actions={
          <Button
            variant="default"
            onClick={() =>
              set({ q: undefined, status: undefined, channel: undefined, label: undefined, assignee: undefined, unread: undefined })
            }
          >
            {strings.inbox.filters.clear}
          </Button>
        }
      >
        {t.filtered}
      </EmptyState>
    );
  }
  if (search.tab === "mine") {
    return (
      <EmptyState
        icon={<IconUserCheck size={24} stroke={1.7} />}
        title={t.mineTitle}
        actions={
          <Button variant="default" onClick={() => set({ tab: "unassigned" })}>
            {t.seeUnassigned}
          </Button>
        }
      >
        {t.mine}
      </EmptyState>
    );
  }
  return <FirstSteps />;
}

/** Nothing at all: either all is done, or nothing has begun yet. */
function FirstSteps() {
  const role = useMe().user.role;
  const channels = useChannels();
  const any = useConversationList({ sort: "newest" });
  const numbers = (channels.data ?? []).filter((channel) => channel.status !== "inactive");
  const hasBegun = (any.data?.pages[0]?.data.length ?? 0) > 0;
  if (hasBegun || channels.isPending || any.isPending) {
    return (
      <EmptyState icon={<IconInbox size={24} stroke={1.7} />} title={t.caughtUpTitle}>
        {t.caughtUp}
      </EmptyState>
    );
  }
  if (numbers.length === 0) {
    return (
      <EmptyState
        icon={<IconPlugConnected size={24} stroke={1.7} />}
        title={t.noChannelTitle}
        actions={
          reaches(role, "admin") && (
            <Button component={Link} to="/channels">
              {t.connect}
            </Button>
          )
        }
      >
        {reaches(role, "admin") ? t.noChannel : t.noChannelViewer}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<IconDeviceMobileMessage size={24} stroke={1.7} />}
      title={t.firstTitle}
      actions={
        <>
          <OpenHandset channels={numbers} />
          <Button variant="default" component={Link} to="/channels">
            {t.seeChannels}
          </Button>
        </>
      }
    >
      {t.first(numbers.map((channel) => formatPhone(channel.credentials.phoneNumber)).join(" / "))}
    </EmptyState>
  );
}

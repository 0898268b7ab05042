import { Tabs } from "@mantine/core";
import { IconActivity, IconMessages } from "@tabler/icons-react";
import { lead as t } from "../../strings/leads";
import { ActivityFeed } from "../logs/ActivityFeed";
import type { Lead } from "../model";
import { LeadThread } from "./LeadThread";
import classes from "./LeadHistory.module.css";

/** What was said with a lead, and what was done with them. */
export function LeadHistory({ lead }: { lead: Lead }) {
  return (
    <Tabs defaultValue="thread" className={classes.card} keepMounted={false}>
      <Tabs.List className={classes.tabs}>
        <Tabs.Tab value="thread" leftSection={<IconMessages size={16} stroke={1.7} />}>
          {t.tabs.thread}
        </Tabs.Tab>
        <Tabs.Tab value="activity" leftSection={<IconActivity size={16} stroke={1.7} />}>
          {t.tabs.activity}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="thread">
        <LeadThread lead={lead} />
      </Tabs.Panel>
      <Tabs.Panel value="activity" className={classes.activity}>
        <ActivityFeed filter={{ lead_id: lead.id }} />
      </Tabs.Panel>
    </Tabs>
  );
}

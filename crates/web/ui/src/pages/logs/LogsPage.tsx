import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { IconActivity, IconStack2 } from "@tabler/icons-react";
import { Page } from "../../components/Page";
import { logs as t } from "../../strings/logs";
import { ActivityTab } from "./ActivityTab";
import { QueueTab } from "./QueueTab";
import classes from "./LogsPage.module.css";

/** How texts go out, and who did what. */
export function LogsPage() {
  const search = useSearch({ from: "/inside/logs" });
  const navigate = useNavigate({ from: "/logs" });
  return (
    <Page title={t.title} subtitle={t.description} wide>
      <Tabs
        value={search.view ?? "queue"}
        onChange={(view) => void navigate({ search: view === "activity" ? { view } : {}, replace: true })}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="queue" leftSection={<IconStack2 size={16} stroke={1.7} />}>
            {t.tabs.queue}
          </Tabs.Tab>
          <Tabs.Tab value="activity" leftSection={<IconActivity size={16} stroke={1.7} />}>
            {t.tabs.activity}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="queue">
          <QueueTab />
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ActivityTab
            kind={search.kind}
            onKind={(kind) => void navigate({ search: kind ? { view: "activity", kind } : { view: "activity" }, replace: true })}
          />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

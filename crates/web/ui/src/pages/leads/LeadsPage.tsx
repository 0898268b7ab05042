import { Button, Group, Menu } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { IconDots, IconDownload, IconPlus, IconUpload } from "@tabler/icons-react";
import { notifyDone, notifyError } from "../../components/notify";
import { Page } from "../../components/Page";
import { leads as t } from "../../strings/leads";
import { GatedButton } from "../common/GatedButton";
import { IconButton } from "../common/IconButton";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { useExportLeads } from "../data/leads";
import { LeadForm } from "./LeadForm";
import { LeadList } from "./LeadList";
import { LeadToolbar } from "./LeadToolbar";
import { filterCount, type LeadSearch } from "./search";

/** Everybody the tenant talks to. */
export function LeadsPage() {
  const search = useSearch({ from: "/inside/leads" });
  const navigate = useNavigate({ from: "/leads" });
  const [adding, form] = useDisclosure(false);
  const setSearch = (next: LeadSearch) => void navigate({ search: next, replace: true });
  return (
    <Page title={t.title} subtitle={t.description} actions={<Actions search={search} onAdd={form.open} />} fill>
      <LeadToolbar search={search} onChange={setSearch} />
      <LeadList search={search} onClear={() => setSearch({})} onAdd={form.open} />
      <LeadForm
        opened={adding}
        onClose={form.close}
        onSaved={(lead) => void navigate({ to: "/leads/$leadId", params: { leadId: lead.id } })}
      />
    </Page>
  );
}

function Actions({ search, onAdd }: { search: LeadSearch; onAdd: () => void }) {
  const { answer } = useMay();
  const narrow = useMediaQuery("(max-width: 767px)");
  const download = useExportLeads();
  const found = Boolean(search.q) || filterCount(search) > 0;
  const exportHint = found ? t.actions.exportFound : t.actions.exportAll;
  const runExport = () =>
    download.mutate(search, { onSuccess: () => notifyDone(t.actions.exported), onError: notifyError });
  const reason = !answer && t.viewerOnly;
  const add = (
    <GatedButton leftSection={<IconPlus size={16} />} onClick={onAdd} reason={reason}>
      {t.actions.add}
    </GatedButton>
  );
  if (narrow) {
    return (
      <Group gap={8} wrap="nowrap">
        {add}
        <Menu position="bottom-end">
          <Menu.Target>
            <IconButton label={t.actions.more} icon={IconDots} />
          </Menu.Target>
          <Menu.Dropdown>
            {answer && (
              <Menu.Item component={Link} to="/leads/import" leftSection={<IconUpload size={16} />}>
                {t.actions.import}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconDownload size={16} />} onClick={runExport}>
              {exportHint}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    );
  }
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        onClick={runExport}
        loading={download.isPending}
        title={exportHint}
      >
        {t.actions.export}
      </Button>
      {answer && (
        <LinkButton to="/leads/import" variant="default" leftSection={<IconUpload size={16} />}>
          {t.actions.import}
        </LinkButton>
      )}
      {add}
    </>
  );
}

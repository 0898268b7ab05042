import { useNavigate, useSearch } from "@tanstack/react-router";
import { IconArrowLeft, IconLock } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { imports as t } from "../../strings/imports";
import { LinkAnchor, LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { ImportReport } from "./ImportReport";
import { NewImport } from "./NewImport";
import classes from "./ImportPage.module.css";

/** Brings a list of leads in: choose a file, see what would become of it, import. */
export function ImportPage() {
  const { id } = useSearch({ from: "/inside/leads/import" });
  const navigate = useNavigate({ from: "/leads/import" });
  const { answer } = useMay();
  const show = (next: string | undefined) => void navigate({ search: next ? { id: next } : {} });
  return (
    <Page
      title={t.title}
      subtitle={
        <LinkAnchor to="/leads" className={classes.back}>
          <IconArrowLeft size={14} stroke={2} aria-hidden />
          {t.back}
        </LinkAnchor>
      }
    >
      {id ? (
        <ImportReport id={id} onAnother={() => show(undefined)} />
      ) : answer ? (
        <NewImport onStarted={show} />
      ) : (
        <EmptyState
          icon={<IconLock size={22} stroke={1.7} />}
          title={t.title}
          actions={<LinkButton to="/leads">{t.back}</LinkButton>}
        >
          {t.notAllowed}
        </EmptyState>
      )}
    </Page>
  );
}

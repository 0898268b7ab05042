import { Button } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { notifyDone, notifyError } from "../../components/notify";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { formatPhone } from "../../lib/phone";
import { logs } from "../../strings/logs";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { Section } from "../common/Section";
import { TimeAgo } from "../common/TimeAgo";
import { useFailedTexts, useRetry } from "../data/activity";
import type { Message } from "../model";
import classes from "./LogsPage.module.css";

const t = logs.queue;

/** The latest texts that did not arrive, with why and what to do. */
export function Failures() {
  const query = useFailedTexts();
  const rows = query.data ?? [];
  return (
    <Section title={t.failures} flush={rows.length > 0}>
      {query.isPending ? (
        <RowsSkeleton rows={3} height={56} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : rows.length === 0 ? (
        <EmptyState icon={<IconCircleCheck size={22} stroke={1.7} />} title={t.noFailures} compact>
          {t.noFailuresText}
        </EmptyState>
      ) : (
        <ul className={classes.failures}>
          {rows.map((message) => (
            <Failure key={message.id} message={message} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Failure({ message }: { message: Message }) {
  const { answer } = useMay();
  const retry = useRetry();
  const why = message.error_help ?? message.error_message ?? t.noReason;
  return (
    <li>
      <div style={{ minWidth: 0 }}>
        <div className={classes.failureHead}>
          <b>{t.to(formatPhone(message.to_number))}</b>
          <span className={classes.soft}>
            {t.statuses[message.status]} · <TimeAgo at={message.updated_at} />
          </span>
        </div>
        <p className={classes.quote}>{message.body || t.noBody}</p>
        <p className={classes.reason}>
          {message.error_code ? `${t.code(message.error_code)} · ` : ""}
          {why}
        </p>
      </div>
      <div className={classes.buttons}>
        {answer && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconRefresh size={14} />}
            loading={retry.isPending}
            onClick={() =>
              retry.mutate(message.id, { onSuccess: () => notifyDone(t.retried), onError: notifyError })
            }
          >
            {t.retry}
          </Button>
        )}
        <LinkButton
          to="/inbox/$conversationId"
          params={{ conversationId: message.conversation_id }}
          variant="subtle"
          color="gray"
          size="xs"
        >
          {t.open}
        </LinkButton>
      </div>
    </li>
  );
}

import { useDisclosure } from "@mantine/hooks";
import { Button, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { notifyDone } from "../../components/notify";
import { fullTime, useNow } from "../../lib/time";
import { apiKeys as t } from "../../strings/apiKeys";
import { ago } from "../common/ago";
import { Confirm } from "../common/Confirm";
import { Pill } from "../common/Pill";
import { TimeAgo } from "../common/TimeAgo";
import { useRevokeApiKey, useTeam } from "../data/team";
import type { ApiKey } from "../model";
import { expiryState } from "./scopes";
import classes from "./KeyList.module.css";

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** The keys that work, each with what it may and when it was last used. */
export function KeyList({ apiKeys }: { apiKeys: ApiKey[] }) {
  return (
    <ul className={classes.list}>
      {apiKeys.map((key) => (
        <Entry key={key.id} apiKey={key} />
      ))}
    </ul>
  );
}

function Entry({ apiKey }: { apiKey: ApiKey }) {
  const now = useNow();
  const people = useTeam();
  const [revoking, revoke] = useDisclosure(false);
  const maker = people.data?.find(({ id }) => id === apiKey.created_by)?.name ?? t.somebody;
  return (
    <li className={classes.entry}>
      <div className={classes.main}>
        <div className={classes.name}>
          {apiKey.name} <code className={classes.prefix}>{apiKey.prefix}…</code>
        </div>
        <div className={classes.soft}>{t.made(maker, ago(apiKey.created_at, now))}</div>
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>{t.columns.may}</dt>
          <dd>
            <Scopes scopes={apiKey.scopes} />
          </dd>
        </div>
        <div>
          <dt>{t.columns.used}</dt>
          <dd>{apiKey.last_used_at ? <TimeAgo at={apiKey.last_used_at} /> : t.neverUsed}</dd>
        </div>
        <div>
          <dt>{t.columns.expires}</dt>
          <dd>
            <Expiry at={apiKey.expires_at} />
          </dd>
        </div>
      </dl>
      <Button
        variant="subtle"
        color="red"
        size="xs"
        leftSection={<IconTrash size={15} />}
        onClick={revoke.open}
        aria-label={t.revokeOf(apiKey.name)}
      >
        {t.revoke}
      </Button>
      <RevokeConfirm apiKey={apiKey} opened={revoking} onClose={revoke.close} />
    </li>
  );
}

function Scopes({ scopes }: { scopes: ApiKey["scopes"] }) {
  if (!scopes) return <>{t.everything}</>;
  return (
    <Tooltip label={scopes.join(", ")} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
      <span tabIndex={0} className={classes.scopes}>
        {t.scopeCount(scopes.length)}
      </span>
    </Tooltip>
  );
}

function Expiry({ at }: { at: ApiKey["expires_at"] }) {
  const now = useNow();
  const state = expiryState(at, new Date(now));
  if (state === "never" || !at) return <>{t.never}</>;
  if (state === "expired") return <Pill tone="bad">{t.expired}</Pill>;
  if (state === "soon") return <Pill tone="warning">{ago(at, now)}</Pill>;
  return (
    <time dateTime={at} title={fullTime(at)}>
      {day.format(Date.parse(at))}
    </time>
  );
}

function RevokeConfirm({ apiKey, opened, onClose }: { apiKey: ApiKey; opened: boolean; onClose: () => void }) {
  const revoke = useRevokeApiKey();
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t.revokeConfirm.title(apiKey.name)}
      action={t.revokeConfirm.action}
      danger
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() =>
        revoke.mutate(apiKey.id, {
          onSuccess: () => {
            notifyDone(t.revoked(apiKey.name));
            onClose();
          },
        })
      }
    >
      {t.revokeConfirm.text}
    </Confirm>
  );
}

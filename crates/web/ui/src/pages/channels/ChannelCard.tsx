import { Button } from "@mantine/core";
import { IconCircleCheckFilled, IconCircleDashedCheck, IconCircleMinus } from "@tabler/icons-react";
import { useState } from "react";
import { formatPhone } from "../../lib/phone";
import { useNow } from "../../lib/time";
import { channels as t } from "../../strings/channels";
import { ago } from "../common/ago";
import { CopyIcon } from "../common/CopyIcon";
import { useMay } from "../common/may";
import { Notice } from "../common/Notice";
import { Pill } from "../common/Pill";
import { Trouble } from "../common/Trouble";
import { useTestChannel } from "../data/channels";
import type { Channel, ChannelQueue } from "../model";
import { ChannelActions } from "./ChannelActions";
import { ChannelFacts } from "./ChannelFacts";
import { HealthReport } from "./HealthReport";
import { SettingsDrawer } from "./SettingsDrawer";
import { Webhooks } from "./Webhooks";
import classes from "./ChannelCard.module.css";

interface ChannelCardProps {
  channel: Channel;
  /** Its queue, once that is known. */
  queue: ChannelQueue | undefined;
}

const TICKS = {
  connected: { icon: IconCircleCheckFilled, hint: t.statuses.connectedHint },
  active: { icon: IconCircleDashedCheck, hint: t.statuses.activeHint },
  inactive: { icon: IconCircleMinus, hint: t.statuses.inactiveHint },
};

/** A number: whether it works, what it is, and what can be done with it. */
export function ChannelCard({ channel, queue }: ChannelCardProps) {
  const { manage } = useMay();
  const test = useTestChannel(channel.id);
  const [editing, setEditing] = useState(false);
  const { icon: Tick, hint } = TICKS[channel.status];
  const number = formatPhone(channel.credentials.phoneNumber);
  return (
    <article className={classes.card} data-status={channel.status} aria-label={`${channel.name}, ${number}`}>
      <header className={classes.head}>
        <span className={classes.kind}>{t.card}</span>
        <span className={classes.status} title={hint}>
          <Tick size={18} aria-hidden />
          {t.statuses[channel.status]}
        </span>
      </header>
      <div className={classes.title}>
        <h2 className={classes.name}>{channel.name}</h2>
        {channel.is_default && (
          <Pill tone="accent" title={t.defaultHint}>
            {t.default}
          </Pill>
        )}
      </div>
      <div className={classes.number}>
        {number}
        <CopyIcon value={channel.credentials.phoneNumber} label={t.copyNumber} />
      </div>
      <Notices channel={channel} queue={queue} onEdit={manage ? () => setEditing(true) : undefined} />
      <ChannelFacts channel={channel} queue={queue} />
      {test.data && <HealthReport health={test.data} channel={channel} onDismiss={() => test.reset()} />}
      <Trouble error={test.error} />
      <Webhooks channel={channel} />
      <ChannelActions
        channel={channel}
        testing={test.isPending}
        onTest={() => test.mutate()}
        onSettings={() => setEditing(true)}
      />
      {manage && <SettingsDrawer channel={channel} opened={editing} onClose={() => setEditing(false)} />}
    </article>
  );
}

/** What somebody has to know before they wonder. */
function Notices({ channel, queue, onEdit }: ChannelCardProps & { onEdit?: () => void }) {
  const standstill = queue?.standstill;
  const now = useNow();
  const limits = channel.mode === "production" ? null : t[channel.mode];
  return (
    <>
      {limits && (
        <Notice tone="warning" title={limits.title}>
          <p>{limits.text}</p>
          {onEdit && (
            <Button variant="default" size="xs" mt="xs" onClick={onEdit}>
              {limits.action}
            </Button>
          )}
        </Notice>
      )}
      {standstill && (
        <Notice tone="warning" title={t.standstill.title}>
          <p>
            {standstill.reason}
            {standstill.until && ` ${t.standstill.until(ago(standstill.until, now))}`}
          </p>
        </Notice>
      )}
    </>
  );
}

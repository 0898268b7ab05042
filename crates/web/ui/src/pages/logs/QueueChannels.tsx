import { IconPhonePlus } from "@tabler/icons-react";
import { EmptyState } from "../../components/EmptyState";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { useNow } from "../../lib/time";
import { channels as channelWords } from "../../strings/channels";
import { logs } from "../../strings/logs";
import { ago } from "../common/ago";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { Pill } from "../common/Pill";
import { Section } from "../common/Section";
import type { ChannelQueue, Queue } from "../model";
import classes from "./LogsPage.module.css";

const t = logs.queue;

/** In the order of the bar. */
const PARTS = ["sent", "pending", "failed"] as const;

/** The queue of each channel, and why it stands still. */
export function QueueChannels({ queue }: { queue: Queue | undefined }) {
  const { manage } = useMay();
  if (queue && queue.per_channel.length === 0) {
    return (
      <Section title={t.byChannel}>
        <EmptyState
          icon={<IconPhonePlus size={22} stroke={1.7} />}
          title={t.noChannels}
          actions={
            manage && (
              <LinkButton to="/channels" search={{ connect: true }}>
                {channelWords.connect}
              </LinkButton>
            )
          }
          compact
        >
          {t.noChannelsText}
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section title={t.byChannel} flush={queue !== undefined}>
      {queue ? (
        <div className={classes.channels}>
          {queue.per_channel.map((channel) => (
            <Channel key={channel.channel_id} channel={channel} />
          ))}
        </div>
      ) : (
        <RowsSkeleton rows={2} height={56} />
      )}
    </Section>
  );
}

function Channel({ channel }: { channel: ChannelQueue }) {
  const now = useNow();
  const { standstill } = channel;
  return (
    <div className={classes.channel}>
      <span className={classes.channelName}>{channel.name}</span>
      <Pill tone={standstill ? "warning" : "good"}>{standstill ? t.standing : t.going}</Pill>
      <div className={`${classes.counts} ${classes.wide}`}>
        <Count name={t.pending} value={channel.pending} part="pending" />
        <Count name={t.sent} value={channel.sent} part="sent" />
        <Count name={t.failed} value={channel.failed} part="failed" />
        <Count name={t.total} value={channel.total} />
        <span>
          {t.pace} <b>{t.paceValue(channel.messagesPerSecond)}</b>
        </span>
      </div>
      <Bar channel={channel} />
      {standstill && (
        <p className={`${classes.standstill} ${classes.wide}`} style={{ margin: 0 }}>
          {standstill.reason}
          {standstill.until && ` ${channelWords.standstill.until(ago(standstill.until, now))}`}
        </p>
      )}
    </div>
  );
}

/** A figure; with a dot in the colour that its part of the bar has. */
function Count({ name, value, part }: { name: string; value: number; part?: (typeof PARTS)[number] }) {
  return (
    <span data-tone={part === "failed" && value > 0 ? "danger" : undefined}>
      {part && <span className={classes.dot} data-part={part} aria-hidden />}
      {name} <b>{value.toLocaleString()}</b>
    </span>
  );
}

function Bar({ channel }: { channel: ChannelQueue }) {
  if (channel.total === 0) return null;
  const parts = PARTS.filter((part) => channel[part] > 0);
  return (
    <div className={`${classes.bar} ${classes.wide}`} aria-hidden>
      {parts.map((part) => (
        <span key={part} data-part={part} style={{ flex: `${String(channel[part])} 0 3px` }} />
      ))}
    </div>
  );
}

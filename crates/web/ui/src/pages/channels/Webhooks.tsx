import { IconChevronDown, IconWebhook } from "@tabler/icons-react";
import { channels } from "../../strings/channels";
import { CopyField } from "../common/CopyField";
import type { Channel } from "../model";
import classes from "./ChannelCard.module.css";

const t = channels.webhooks;

/** The addresses that Twilio reports to, for setting them by hand. */
export function Webhooks({ channel, open }: { channel: Channel; open?: boolean }) {
  const { sms, status, voice } = channel.webhook_urls;
  return (
    <details className={classes.disclosure} open={open}>
      <summary>
        <IconWebhook size={16} stroke={1.7} aria-hidden />
        {t.title}
        <IconChevronDown size={16} className={classes.chevron} aria-hidden />
      </summary>
      <div className={classes.disclosed}>
        <p className={classes.hint}>{t.text}</p>
        <CopyField label={t.sms} value={sms} labelled />
        <CopyField label={t.status} value={status} labelled />
        <CopyField label={t.voice} value={voice} labelled />
        {!sms.startsWith("https://") && <p className={classes.hint}>{t.insecure}</p>}
      </div>
    </details>
  );
}

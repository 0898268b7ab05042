import { IconCheck, IconX } from "@tabler/icons-react";
import { channels as t } from "../../strings/channels";
import type { Channel, ChannelQueue } from "../model";
import { featuresOf } from "./features";
import { maskedSid } from "./masked";
import classes from "./ChannelCard.module.css";

/** Account, mode, pace, and what works. */
export function ChannelFacts({ channel, queue }: { channel: Channel; queue: ChannelQueue | undefined }) {
  const { credentials, settings, mode } = channel;
  const own = settings.messages_per_second;
  const pace = own ?? queue?.messagesPerSecond;
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t.fields.account}</dt>
        <dd className={classes.mono}>{maskedSid(credentials.accountSid)}</dd>
      </div>
      <div>
        <dt>{t.fields.mode}</dt>
        <dd title={t.modeHints[mode]}>{t.modes[mode]}</dd>
      </div>
      <div>
        <dt>{t.fields.pace}</dt>
        <dd>{pace ? t.fields.paceValue(pace, own == null) : t.settings.paceDefault}</dd>
      </div>
      {credentials.messagingServiceSid && (
        <div>
          <dt>{t.fields.service}</dt>
          <dd className={classes.mono}>{maskedSid(credentials.messagingServiceSid)}</dd>
        </div>
      )}
      {credentials.apiKeySid && (
        <div>
          <dt>{t.fields.apiKey}</dt>
          <dd className={classes.mono}>{maskedSid(credentials.apiKeySid)}</dd>
        </div>
      )}
      <div className={classes.features}>
        <dt>{t.fields.features}</dt>
        <dd>
          <ul>
            {featuresOf(channel).map(({ name, on }) => (
              <li key={name} data-off={!on || undefined}>
                {on ? <IconCheck size={14} stroke={2.4} aria-hidden /> : <IconX size={14} stroke={2} aria-hidden />}
                {t.features[name]}
                {!on && <span className="visually-hidden">{t.features.off}</span>}
              </li>
            ))}
          </ul>
        </dd>
      </div>
    </dl>
  );
}

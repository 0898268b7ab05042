import { CloseButton } from "@mantine/core";
import { IconAlertCircleFilled, IconCircleCheckFilled, IconInfoCircleFilled } from "@tabler/icons-react";
import { sentence } from "../../components/errorWords";
import { channels } from "../../strings/channels";
import type { Channel, ChannelCheck, ChannelHealth } from "../model";
import { whereTexts } from "./whereTexts";
import classes from "./HealthReport.module.css";

const t = channels.check;

interface HealthReportProps {
  health: ChannelHealth;
  channel: Pick<Channel, "webhook_urls">;
  onDismiss?: () => void;
}

/** What Twilio says of a channel, check by check, with what to do about it. */
export function HealthReport({ health, channel, onDismiss }: HealthReportProps) {
  return (
    <section className={classes.report} aria-label={t.title} data-ok={health.ok || undefined}>
      <div className={classes.head} role="status">
        <strong>{health.ok ? t.good : t.bad}</strong>
        {onDismiss && <CloseButton size="sm" onClick={onDismiss} aria-label={t.dismiss} />}
      </div>
      <ul className={classes.checks}>
        {health.checks.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </ul>
      <Known health={health} channel={channel} />
    </section>
  );
}

function Check({ check }: { check: ChannelCheck }) {
  // A check that passed may still have something to say, such as that the account is a trial.
  const tone = !check.ok ? "bad" : check.detail ? "note" : "good";
  const Glyph = { bad: IconAlertCircleFilled, note: IconInfoCircleFilled, good: IconCircleCheckFilled }[tone];
  return (
    <li className={classes.check} data-tone={tone}>
      <Glyph size={17} aria-hidden className={classes.glyph} />
      <div>
        <span className={classes.name}>
          {t.names[check.name]}
          <span className="visually-hidden">: {check.ok ? t.passed : t.failed}</span>
        </span>
        {check.detail && (
          <p className={classes.detail}>
            {sentence(check.detail)} {check.what_to_do}
            {check.code != null && (
              <a href={`https://www.twilio.com/docs/errors/${String(check.code)}`} target="_blank" rel="noreferrer">
                {" "}
                {t.code(check.code)}
              </a>
            )}
          </p>
        )}
      </div>
    </li>
  );
}

function Known({ health, channel }: Pick<HealthReportProps, "health" | "channel">) {
  const { account, number } = health;
  const can = number && (["sms", "mms", "voice"] as const).filter((name) => number.capabilities[name]).map((name) => t[name]);
  const where = number ? whereTexts(number.sms_url, channel.webhook_urls.sms) : undefined;
  if (!account && !number) return null;
  return (
    <dl className={classes.known}>
      {account?.friendly_name && (
        <div>
          <dt>{t.accountLabel}</dt>
          <dd>{account.type ? t.account(account.friendly_name, account.type) : account.friendly_name}</dd>
        </div>
      )}
      {can && can.length > 0 && (
        <div>
          <dt>{t.capabilities}</dt>
          <dd>{can.join(", ")}</dd>
        </div>
      )}
      {number && (
        <div>
          <dt>{t.reports}</dt>
          <dd className={classes.url}>{number.sms_url || "—"}</dd>
        </div>
      )}
      {(where === "elsewhere" || where === "nowhere") && <p className={classes.warning}>{t[where]}</p>}
    </dl>
  );
}

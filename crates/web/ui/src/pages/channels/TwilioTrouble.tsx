import type { ReactNode } from "react";
import { ApiProblem, hasCode } from "../../api/problem";
import { sentence } from "../../components/errorWords";
import { channels } from "../../strings/channels";
import { Notice } from "../common/Notice";
import { Trouble } from "../common/Trouble";

const t = channels.wizard;

/**
 * Why a channel is not connected: in Twilio's words where Twilio refused; the fields say what to do
 * about each.
 */
export function TwilioTrouble({ error, children }: { error: unknown; children?: ReactNode }) {
  if (hasCode(error, "twilio_unavailable")) {
    return (
      <Notice tone="bad" title={t.failed} alert>
        <p>{t.unreachable}</p>
        {children}
      </Notice>
    );
  }
  if (!(error instanceof ApiProblem) || (error.fields.size === 0 && !error.twilio)) {
    return (
      <Trouble error={error} title={t.failed}>
        {children}
      </Trouble>
    );
  }
  const { twilio, fields } = error;
  return (
    <Notice tone="bad" title={t.failed} alert>
      {/* Without a code it is the service that found it, and the field says the same. */}
      {twilio?.message && twilio.code != null && <p>{sentence(t.twilioSays(twilio.code, twilio.message))}</p>}
      {fields.size > 0 && <p>{t.fixFields}</p>}
      {twilio?.more_info && (
        <a href={twilio.more_info} target="_blank" rel="noreferrer">
          {t.moreInfo}
        </a>
      )}
      {children}
    </Notice>
  );
}

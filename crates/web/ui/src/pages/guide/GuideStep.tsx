import { formatPhone } from "../../lib/phone";
import { guide as t } from "../../strings/guide";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { useChannels } from "../data/channels";
import { handsetUrl, isSimulated } from "./handset";
import { OpenHandset } from "./OpenHandset";
import type { Step } from "./steps";
import classes from "./FirstRunGuide.module.css";

/** One step: what it is, and for the next one how to do it. */
export function GuideStep({ step, isNext }: { step: Step; isNext: boolean }) {
  const words = t.steps[step.name];
  return (
    <div className={classes.what}>
      <span className={classes.name}>
        {words.title}
        {step.optional && <span className={classes.soft}> · {t.optional}</span>}
        <span className="visually-hidden">, {step.done ? t.done : t.open}</span>
      </span>
      {!step.done && <Open step={step} isNext={isNext} />}
    </div>
  );
}

function Open({ step, isNext }: { step: Step; isNext: boolean }) {
  switch (step.name) {
    case "connect":
      return <Connect isNext={isNext} />;
    case "receive":
      return <Receive isNext={isNext} />;
    case "send":
      return (
        <>
          <p className={classes.text}>{t.steps.send.text}</p>
          {isNext && (
            <div className={classes.actions}>
              <LinkButton to="/inbox" size="xs">
                {t.steps.send.action}
              </LinkButton>
              <LinkButton to="/leads" size="xs" variant="default">
                {t.steps.send.lead}
              </LinkButton>
            </div>
          )}
        </>
      );
    case "invite":
      return <Invite />;
  }
}

function Connect({ isNext }: { isNext: boolean }) {
  const { manage } = useMay();
  const words = t.steps.connect;
  return (
    <>
      <p className={classes.text}>{manage ? words.text : words.admin}</p>
      {manage && isNext && (
        <div className={classes.actions}>
          <LinkButton to="/channels" search={{ connect: true }} size="xs">
            {words.action}
          </LinkButton>
        </div>
      )}
      {manage && isNext && <p className={classes.text}>{words.simulated}</p>}
    </>
  );
}

function Receive({ isNext }: { isNext: boolean }) {
  const channels = useChannels();
  const words = t.steps.receive;
  const own = channels.data?.find(({ status }) => status !== "inactive");
  const simulated = isSimulated(channels.data ?? []);
  const handset = handsetUrl(window.location);
  const number = own ? words.number(formatPhone(own.credentials.phoneNumber)) : words.text;
  return (
    <>
      <p className={classes.text}>{simulated ? (handset ? words.handset : words.handsetElsewhere) : number}</p>
      {isNext && (
        <div className={classes.actions}>
          <OpenHandset channels={channels.data ?? []} size="xs" />
          <LinkButton to="/inbox" size="xs" variant="default">
            {words.action}
          </LinkButton>
        </div>
      )}
    </>
  );
}

function Invite() {
  const { manage } = useMay();
  const words = t.steps.invite;
  return (
    <>
      <p className={classes.text}>{manage ? words.text : words.admin}</p>
      {manage && (
        <div className={classes.actions}>
          <LinkButton to="/team" size="xs" variant="default">
            {words.action}
          </LinkButton>
        </div>
      )}
    </>
  );
}

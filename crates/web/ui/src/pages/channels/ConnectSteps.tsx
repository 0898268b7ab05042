import { Button, Group, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { ApiProblem, hasCode } from "../../api/problem";
import { channels } from "../../strings/channels";
import { StepTrack } from "../common/StepTrack";
import { useRetryKey } from "../common/useRetryKey";
import { fieldProblems } from "../common/fields";
import { useChannels, useConnectChannel } from "../data/channels";
import type { Channel, ChannelMode } from "../model";
import { AccountStep } from "./AccountStep";
import { ConnectStep } from "./ConnectStep";
import { EMPTY_CONNECT, newChannel, slips, stepOf, STEPS, type ConnectField, type ConnectValues } from "./credentials";
import { NumberStep } from "./NumberStep";
import { TwilioTrouble } from "./TwilioTrouble";

const t = channels.wizard;
const FIELDS: readonly ConnectField[] = STEPS.flat();
const LAST = STEPS.length - 1;

interface ConnectStepsProps {
  onConnected: (channel: Channel) => void;
  onClose: () => void;
}

/**
 * The steps of the wizard. A step is left only when nothing in it is plainly wrong; what Twilio or
 * the API finds leads back to the step with the field.
 */
export function ConnectSteps({ onConnected, onClose }: ConnectStepsProps) {
  const [step, setStep] = useState(0);
  const form = useForm<ConnectValues>({ initialValues: EMPTY_CONNECT });
  const known = useChannels();
  const connect = useConnectChannel();
  const keyFor = useRetryKey(connect.error);

  const isRight = (upTo: number) => {
    const found = slips(form.values);
    const here = STEPS.slice(0, upTo + 1)
      .flat()
      .filter((field) => found[field]);
    form.setErrors(Object.fromEntries(here.map((field) => [field, channels.slips[found[field] ?? "required"]])));
    const first = stepOf(here);
    if (first !== undefined) setStep(first);
    return here.length === 0;
  };
  const submit = (status: "connected" | "active", mode: ChannelMode = form.values.mode) => {
    if (!isRight(LAST)) return;
    form.setFieldValue("mode", mode);
    const body = newChannel({ ...form.values, mode }, status);
    connect.mutate(
      { body, key: keyFor(body) },
      {
        onSuccess: onConnected,
        onError: (error) => {
          const { fields } = fieldProblems(error, FIELDS);
          form.setErrors(fields);
          setStep(stepOf(Object.keys(fields)) ?? LAST);
        },
      },
    );
  };
  const next = () => {
    if (step === LAST) submit("connected");
    else if (isRight(step)) {
      if (step === 0 && form.values.name === "" && known.data?.length === 0) form.setFieldValue("name", t.defaultName);
      setStep(step + 1);
    }
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <Stack gap="lg">
        <StepTrack labels={[t.steps.account, t.steps.number, t.steps.connect]} active={step} />
        {step === 0 && <AccountStep form={form} />}
        {step === 1 && <NumberStep form={form} />}
        {step === LAST && <ConnectStep form={form} />}
        <Trouble error={connect.error} onSubmit={submit} onClose={onClose} />
        <Group justify="space-between" gap="xs">
          {step === 0 ? (
            <span />
          ) : (
            <Button variant="default" onClick={() => setStep(step - 1)}>
              {t.back}
            </Button>
          )}
          <Button type="submit" loading={connect.isPending}>
            {step === LAST ? t.submit : t.next}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface TroubleProps {
  error: unknown;
  onSubmit: (status: "connected" | "active", mode?: ChannelMode) => void;
  onClose: () => void;
}

/** What stands in the way, with the ways out that there are. */
function Trouble({ error, onSubmit, onClose }: TroubleProps) {
  if (!error) return null;
  const way = wayOut(error);
  return (
    <TwilioTrouble error={error}>
      {way && (
        <Group gap="xs" mt="sm">
          {way === "trial" && <Way label={t.asTrial} onClick={() => onSubmit("connected", "trial")} />}
          {way === "test" && <Way label={t.asTest} onClick={() => onSubmit("connected", "test")} />}
          {way === "later" && <Way label={t.saveOnly} onClick={() => onSubmit("active")} />}
          {way === "exists" && <Way label={t.showExisting} onClick={onClose} />}
        </Group>
      )}
    </TwilioTrouble>
  );
}

function Way({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button variant="default" size="xs" onClick={onClick}>
      {label}
    </Button>
  );
}

/** The way out that an error leaves, if there is one but to correct the fields. */
function wayOut(error: unknown): "trial" | "test" | "later" | "exists" | undefined {
  if (hasCode(error, "twilio_unavailable")) return "later";
  if (hasCode(error, "channel_exists")) return "exists";
  if (!(error instanceof ApiProblem) || error.fields.size !== 1) return undefined;
  const mode = error.field("/mode");
  if (mode === undefined) return undefined;
  // 20008 is how Twilio answers test credentials; all else that speaks of the mode is a trial.
  return error.twilio?.code === 20008 ? "test" : "trial";
}

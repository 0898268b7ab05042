import { Button, Checkbox, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { strings } from "../../app/strings";
import { shortDateTime, useNow } from "../../lib/time";
import { atHour, toLocalInput } from "../actions/snooze";

const t = strings.inbox.scheduled;

interface ScheduleDialogProps {
  title: string;
  submit: string;
  /** The text, where it may be changed too. */
  body?: string;
  /** When it is to be sent so far. */
  at: string | null;
  cancelOnReply: boolean;
  /** Where the customer is. */
  timezone?: string | null;
  busy?: boolean;
  onClose: () => void;
  onSubmit: (values: { at: string; body: string; cancelOnReply: boolean }) => void;
}

/** When a text is to be sent. */
export function ScheduleDialog(props: ScheduleDialogProps) {
  const [now] = useState(() => new Date());
  const [when, setWhen] = useState(() => toLocalInput(props.at ? new Date(props.at) : atHour(now, 1, 9)));
  const [body, setBody] = useState(props.body ?? "");
  const [cancelOnReply, setCancelOnReply] = useState(props.cancelOnReply);
  const at = new Date(when);
  const valid = at.getTime() > useNow();
  const presets = [
    { label: t.presets.hour, at: new Date(now.getTime() + 3_600_000) },
    { label: t.presets.tomorrow, at: atHour(now, 1, 9) },
    { label: t.presets.monday, at: atHour(now, (8 - now.getDay()) % 7 || 7, 9) },
  ];
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) props.onSubmit({ at: at.toISOString(), body: body.trim(), cancelOnReply });
        }}
      >
        {props.body !== undefined && (
          <Textarea label={t.text} value={body} onChange={(event) => setBody(event.currentTarget.value)} autosize minRows={3} maxRows={10} maxLength={1600} mb="md" />
        )}
        <TextInput
          type="datetime-local"
          label={t.when}
          value={when}
          min={toLocalInput(now)}
          onChange={(event) => setWhen(event.currentTarget.value)}
          error={when && !valid ? t.past : undefined}
          description={props.timezone && valid ? t.their(shortDateTime(at.toISOString(), props.timezone)) : undefined}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Group gap={6} mt={8}>
          {presets.map((preset) => (
            <Button key={preset.label} size="compact-sm" variant="default" onClick={() => setWhen(toLocalInput(preset.at))}>
              {preset.label}
            </Button>
          ))}
        </Group>
        <Checkbox label={t.cancelOnReply} checked={cancelOnReply} onChange={(event) => setCancelOnReply(event.currentTarget.checked)} mt="md" />
        <Button type="submit" fullWidth mt="lg" disabled={!valid || (props.body !== undefined && !body.trim())} loading={props.busy}>
          {props.submit}
        </Button>
      </form>
    </Modal>
  );
}

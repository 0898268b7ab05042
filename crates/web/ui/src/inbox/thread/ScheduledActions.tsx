import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconClock } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";

import { api, idempotent, unwrap } from "../../api/client";
import type { Message, MessagePatch } from "../../api/types";
import { strings } from "../../app/strings";
import { notifyDone, notifyError } from "../../components/notify";
import { applyMessage } from "../cache";
import { deliveryWords } from "./delivery";
import classes from "./Bubble.module.css";

const ScheduleDialog = lazy(() => import("../composer/ScheduleDialog").then((m) => ({ default: m.ScheduleDialog })));
const t = strings.inbox.scheduled;

/** A text that waits for its time: edit it, send it now, or take it back. */
export function ScheduledActions({ message, mayWrite }: { message: Message; mayWrite: boolean }) {
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const change = useMutation({
    mutationFn: (body: MessagePatch) =>
      unwrap(api.PATCH("/api/v1/messages/{id}", { params: { path: { id: message.id } }, body })),
    onSuccess: (after) => {
      applyMessage(client, after);
      setEditing(false);
    },
    onError: notifyError,
  });
  const cancel = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/messages/{id}/cancel", { params: { path: { id: message.id }, header: idempotent() } })),
    onSuccess: (after) => {
      applyMessage(client, after);
      notifyDone(t.canceled);
    },
    onError: notifyError,
  });
  const button = { size: "compact-xs", variant: "subtle" } as const;
  return (
    <div className={classes.scheduled}>
      <span className={classes.when}>
        <IconClock size={14} stroke={2} aria-hidden />
        {deliveryWords(message)}
      </span>
      {mayWrite && (
        <span>
          <Button {...button} onClick={() => setEditing(true)}>
            {t.edit}
          </Button>
          <Button {...button} onClick={() => change.mutate({ send_at: new Date().toISOString() })} loading={change.isPending && !editing}>
            {t.sendNow}
          </Button>
          <Button {...button} color="red" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            {t.cancel}
          </Button>
        </span>
      )}
      <Suspense>
        {editing && (
          <ScheduleDialog
            title={t.editTitle}
            submit={t.save}
            body={message.body}
            at={message.scheduled_at ?? null}
            cancelOnReply={message.cancel_on_reply}
            busy={change.isPending}
            onClose={() => setEditing(false)}
            onSubmit={({ at, body, cancelOnReply }) =>
              change.mutate({ send_at: at, body, cancel_on_reply: cancelOnReply })
            }
          />
        )}
      </Suspense>
    </div>
  );
}

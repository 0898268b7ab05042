import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, idempotent, unwrap } from "../../api/client";
import type { Message } from "../../api/types";
import { strings } from "../../app/strings";
import { notifyDone, notifyError } from "../../components/notify";
import { useNow } from "../../lib/time";
import { applyMessage } from "../cache";
import { deliveryWords, isUnclear } from "./delivery";
import classes from "./Bubble.module.css";

const t = strings.inbox.delivery;

/** For a text whose confirmation is missing: says so, and asks Twilio what became of it. */
export function AskTwilio({ message, mayWrite }: { message: Message; mayWrite: boolean }) {
  const now = useNow();
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/messages/{id}/refresh", { params: { path: { id: message.id }, header: idempotent() } })),
    onSuccess: (after) => {
      applyMessage(client, after);
      // Else nothing would seem to have happened.
      if (after.status === message.status) notifyDone(t.asked(deliveryWords(after)));
    },
    onError: notifyError,
  });
  if (!isUnclear(message, now)) return null;
  return (
    <>
      <span>{t.unclear}</span>
      {mayWrite && message.external_id && (
        <button type="button" className={classes.ask} onClick={() => ask.mutate()} disabled={ask.isPending}>
          {t.ask}
        </button>
      )}
    </>
  );
}

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";

import { api, idempotent, unwrap } from "../../api/client";
import type { Message } from "../../api/types";
import { strings } from "../../app/strings";
import { sentence } from "../../components/errorWords";
import { notifyError } from "../../components/notify";
import { randomId } from "../../lib/id";
import { applyMessage, refreshTimeline } from "../cache";
import { deliveryWords } from "./delivery";
import classes from "./Bubble.module.css";

/** Why a text failed: "code · plain words · what to do", and the button to try again. */
export function Failure({ message, mayWrite }: { message: Message; mayWrite: boolean }) {
  const client = useQueryClient();
  // One key for one failure: pressing twice sends once.
  const [key] = useState(randomId);
  const retry = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/messages/{id}/retry", { params: { path: { id: message.id }, header: idempotent(key) } })),
    onSuccess: async (after) => {
      applyMessage(client, after);
      await refreshTimeline(client, after.conversation_id);
    },
    onError: notifyError,
  });
  const words = [...new Set([message.error_message, message.error_help].filter(Boolean).map((one) => sentence(one ?? "")))];
  const expired = message.reason === "expired" ? strings.inbox.delivery.canceledBy.expired : null;
  const parts = [message.error_code, expired ?? (words.length ? null : deliveryWords(message)), ...words].filter(Boolean);
  return (
    <div className={classes.failure}>
      {parts.join(" · ")}{" "}
      {mayWrite && (
        <Button
          className={classes.retry}
          size="compact-xs"
          variant="subtle"
          color="red"
          leftSection={<IconRefresh size={13} aria-hidden />}
          loading={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {strings.inbox.delivery.retry}
        </Button>
      )}
    </div>
  );
}

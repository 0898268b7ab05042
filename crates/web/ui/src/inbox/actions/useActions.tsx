import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";

import { api, idempotent, unwrap, useMe } from "../../api/client";
import type { Conversation, ConversationPatch } from "../../api/types";
import { strings } from "../../app/strings";
import { notifyError } from "../../components/notify";
import { applyConversation } from "../cache";
import { leftUnread } from "../selection";
import { patchConversation } from "./patch";

/** What can be done to a conversation. */
export function useActions(conversation: Conversation) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const { id } = conversation;
  const patch = (change: ConversationPatch) => patchConversation(client, id, change, me);

  return {
    patch,
    async close() {
      const before = conversation.status;
      if (!(await patch({ status: "closed" }))) return;
      const toast = notifications.show({
        message: (
          <>
            {strings.inbox.actions.closed}{" "}
            <Anchor
              component="button"
              inherit
              onClick={() => {
                notifications.hide(toast);
                void patch({ status: before === "closed" ? "open" : before });
              }}
            >
              {strings.inbox.actions.undo}
            </Anchor>
          </>
        ),
        autoClose: 5000,
      });
    },
    reopen: () => patch({ status: "open" }),
    snooze: (until: Date | null) => patch({ status: "snoozed", snoozed_until: until ? until.toISOString() : null }),
    assign: (userId: string | null) => patch({ assigned_user_id: userId }),
    takeOver: () => patch({ control: "human" }),
    release: () => patch({ control: "ai" }),
    async markUnread() {
      leftUnread.set(id);
      try {
        const after = await unwrap(
          api.POST("/api/v1/conversations/{id}/unread", { params: { path: { id }, header: idempotent() } }),
        );
        applyConversation(client, after, me);
      } catch (error) {
        notifyError(error);
      }
    },
  };
}

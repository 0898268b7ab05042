import type { Channel, Conversation } from "../../api/types";
import { strings } from "../../app/strings";
import { formatPhone } from "../../lib/phone";

const t = strings.inbox.composer.disabled;

/** Why a conversation can't be answered by text. */
export interface Obstacle {
  reason: string;
  /** Whether the way out is on the page of channels. */
  toChannels: boolean;
}

/** What stands in the way of a reply; `null` if nothing does. `channels` may not have come yet. */
export function obstacleOf(conversation: Conversation, channels: readonly Channel[] | undefined): Obstacle | null {
  const { lead } = conversation;
  if (!conversation.can_reply) return { reason: t.notAnswerable, toChannels: false };
  if (lead.sms_opt_out) {
    const name = lead.name || formatPhone(conversation.remote_address);
    const reason = lead.sms_opt_out_source === "manual" ? t.optedOutManual(name) : t.optedOut(name);
    return { reason, toChannels: false };
  }
  if (!channels) return null;
  const channel = channels.find((one) => one.id === conversation.channel_id);
  if (!channel) return { reason: t.channelGone, toChannels: true };
  return channel.status === "inactive" ? { reason: t.channelInactive, toChannels: true } : null;
}

import { Button, Group, Select, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { IconSend } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";
import { countSegments } from "../../inbox/segments";
import { formatPhone } from "../../lib/phone";
import { common } from "../../strings/common";
import { lead as words } from "../../strings/leads";
import { LinkButton } from "../common/links";
import { Trouble } from "../common/Trouble";
import { useRetryKey } from "../common/useRetryKey";
import { useChannels } from "../data/channels";
import { useTextSomebody } from "../data/leads";
import type { Lead } from "../model";

const t = words.compose;
const MAX = 1600;
/** The choice that leaves the number to the API. */
const AUTO = "";

export function TextForm({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const navigate = useNavigate();
  const channels = useChannels();
  const sending = useTextSomebody();
  const keyFor = useRetryKey(sending.error);
  const [body, setBody] = useState("");
  const [channelId, setChannelId] = useState<string | null>(AUTO);
  const usable = (channels.data ?? []).filter(({ status }) => status !== "inactive");
  const count = countSegments(body);
  const ready = body.trim() !== "" && count.characters <= MAX && !sending.isPending;

  const send = () => {
    if (!ready) return;
    const content = { to: lead.phone ?? "", body, channelId: channelId || null };
    sending.mutate(
      { ...content, key: keyFor(content) },
      {
        onSuccess: ({ conversation_id: conversationId }) => {
          notifications.show({ message: t.sent, color: "green", autoClose: 3500 });
          onClose();
          void navigate({ to: "/inbox/$conversationId", params: { conversationId } });
        },
      },
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };

  if (channels.isSuccess && usable.length === 0) {
    return (
      <Stack align="flex-start">
        <Text>{t.noChannel}</Text>
        <LinkButton to="/channels" search={channels.data.length === 0 ? { connect: true } : {}}>
          {t.connect}
        </LinkButton>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          <Text span c="dimmed">
            {t.to}
          </Text>{" "}
          {formatPhone(lead.phone)}
        </Text>
        {usable.length > 1 && (
          <Select
            label={t.from}
            allowDeselect={false}
            data={[
              { value: AUTO, label: t.fromAuto },
              ...usable.map(({ id, name, credentials }) => ({
                value: id,
                label: `${name} · ${formatPhone(credentials.phoneNumber)}`,
              })),
            ]}
            value={channelId}
            onChange={setChannelId}
          />
        )}
        <Textarea
          label={t.body}
          placeholder={t.placeholder}
          autosize
          minRows={4}
          maxRows={12}
          data-autofocus
          aria-keyshortcuts="Control+Enter Meta+Enter"
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          error={count.characters > MAX ? t.tooLong(MAX) : undefined}
        />
        <Text size="xs" c="dimmed" mt={-8}>
          {t.counter(count.characters, body ? count.segments : 0, count.encoding === "UCS-2")}
        </Text>
        <Trouble error={sending.error} title={t.failed} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" leftSection={<IconSend size={16} />} loading={sending.isPending} disabled={!ready && !sending.isPending}>
            {t.send}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

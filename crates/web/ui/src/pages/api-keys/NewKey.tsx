import { Button, Group, Stack } from "@mantine/core";
import { apiKeys } from "../../strings/apiKeys";
import { common } from "../../strings/common";
import { CopyField } from "../common/CopyField";
import { Notice } from "../common/Notice";
import type { CreatedKey } from "./CreateKeyForm";

const t = apiKeys.created;

/** A key just made: now, and never again. */
export function NewKey({ created, onDone }: { created: CreatedKey; onDone: () => void }) {
  // A replayed answer, after a lost one, is without the secret.
  const key: string | undefined = created.key;
  if (!key) {
    return (
      <Stack gap="md">
        <Notice tone="warning">
          <p>{t.replayed}</p>
        </Notice>
        <Button onClick={onDone}>{common.close}</Button>
      </Stack>
    );
  }
  const reads = created.scopes?.find((scope) => scope.endsWith(":read")) ?? "conversations:read";
  const path = PATHS[reads] ?? "/api/v1/conversations";
  return (
    <Stack gap="md">
      <Notice tone="warning">
        <p>{t.once}</p>
      </Notice>
      <CopyField label={t.key} value={key} labelled big />
      <CopyField label={t.try} value={`curl -sS ${window.location.origin}${path} -H "Authorization: Bearer ${key}"`} labelled />
      <Group justify="flex-end">
        <Button onClick={onDone}>{t.done}</Button>
      </Group>
    </Stack>
  );
}

/** What a key with a scope can be tried on. */
const PATHS: Partial<Record<string, string>> = {
  "channels:read": "/api/v1/channels",
  "leads:read": "/api/v1/leads",
  "messages:read": "/api/v1/messages",
  "users:read": "/api/v1/users",
  "keys:read": "/api/v1/api-keys",
  "tenant:read": "/api/v1/tenant",
  "queue:read": "/api/v1/admin/sms-queue",
};

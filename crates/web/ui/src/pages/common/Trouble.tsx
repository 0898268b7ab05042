import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { errorWords } from "../../components/errorWords";
import { common } from "../../strings/common";

interface TroubleProps {
  /** What was thrown; nothing is shown without it. */
  error: unknown;
  /** Instead of the usual title. */
  title?: string;
  /** A way out. */
  children?: ReactNode;
}

/** What went wrong with a form, in the form. */
export function Trouble({ error, title, children }: TroubleProps) {
  if (error === null || error === undefined) return null;
  const words = errorWords(error);
  return (
    <Alert color="red" variant="light" role="alert" title={title ?? words.title} icon={<IconAlertTriangle size={18} />}>
      <Text size="sm">{words.detail}</Text>
      {children}
      {words.requestId && (
        <Text size="xs" c="dimmed" ff="monospace" mt={6}>
          {common.requestId(words.requestId)}
        </Text>
      )}
    </Alert>
  );
}

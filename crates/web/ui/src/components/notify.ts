import { notifications } from "@mantine/notifications";

import { strings } from "../app/strings";
import { errorWords } from "./errorWords";

/** Tells of something that went wrong and that no field or page shows. */
export function notifyError(error: unknown): void {
  const words = errorWords(error);
  const id = words.requestId ? ` (${strings.common.requestId(words.requestId)})` : "";
  notifications.show({ title: words.title, message: words.detail + id, color: "red", autoClose: 8000 });
}

export function notifyDone(message: string): void {
  notifications.show({ message, color: "green", autoClose: 3500 });
}

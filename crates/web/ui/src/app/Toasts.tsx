import "@mantine/notifications/styles.css";

import { Notifications } from "@mantine/notifications";

/** Where short notices appear. */
export function Toasts() {
  return <Notifications position="bottom-right" limit={3} />;
}

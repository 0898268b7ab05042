import { IconPhone } from "@tabler/icons-react";

import { strings } from "../app/strings";

/** The mark of the channel: a teal phone, labelled SMS. */
export function SmsIcon({ size = 14 }: { size?: number }) {
  return (
    <IconPhone size={size} stroke={2} color="var(--sms)" role="img" aria-label={strings.common.sms}>
      <title>{strings.common.sms}</title>
    </IconPhone>
  );
}

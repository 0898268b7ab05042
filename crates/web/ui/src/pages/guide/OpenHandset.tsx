import { Button } from "@mantine/core";
import { IconDeviceMobile } from "@tabler/icons-react";

import { guide } from "../../strings/guide";
import type { Channel } from "../model";
import { handsetUrl, isSimulated } from "./handset";

interface OpenHandsetProps {
  channels: readonly Pick<Channel, "credentials">[];
  size?: string;
}

/** The way to the demo's simulated handset, for who has no second phone at hand; nothing where there is none. */
export function OpenHandset({ channels, size }: OpenHandsetProps) {
  const url = handsetUrl(window.location);
  if (!url || !isSimulated(channels)) return null;
  return (
    <Button component="a" href={url} target="_blank" rel="noreferrer" size={size} leftSection={<IconDeviceMobile size={15} aria-hidden />}>
      {guide.steps.receive.openHandset}
    </Button>
  );
}

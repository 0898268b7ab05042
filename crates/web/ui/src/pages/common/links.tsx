import { Anchor, Button, type AnchorProps, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type AnchorRest<P> = P & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

function PlainAnchor(props: AnchorRest<AnchorProps>) {
  return <Anchor size="sm" {...props} />;
}

function PlainButton(props: AnchorRest<ButtonProps>) {
  return <Button component="a" {...props} />;
}

/** A link to another page. */
export const LinkAnchor = createLink(PlainAnchor);

/** A link to another page that looks like a button. */
export const LinkButton = createLink(PlainButton);

import { IconUser } from "@tabler/icons-react";

import classes from "./Avatar.module.css";

interface AvatarProps {
  name: string | null | undefined;
  /** What the colour is made of: the same person has the same one everywhere. */
  seed: string;
  size?: number;
}

const HUES = 8;

/** Initials on a colour of their own; decoration, so hidden from readers. */
export function Avatar({ name, seed, size = 36 }: AvatarProps) {
  const letters = initials(name);
  return (
    <span
      className={classes.avatar}
      data-hue={hash(seed) % HUES}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
      aria-hidden
    >
      {letters || <IconUser size={Math.round(size * 0.55)} stroke={1.8} />}
    </span>
  );
}

function initials(name: string | null | undefined): string {
  const words = (name ?? "").trim().split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const first = words[0]?.match(/\p{L}/u)?.[0] ?? "";
  const last = words.length > 1 ? (words[words.length - 1]?.match(/\p{L}/u)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (value * 31 + text.charCodeAt(i)) >>> 0;
  return value;
}

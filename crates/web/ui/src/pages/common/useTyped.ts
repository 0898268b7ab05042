import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

/**
 * What is being typed into a box whose value lives elsewhere, in the address for example. It is
 * told once typing pauses; and when the value changes from elsewhere, the box follows.
 */
export function useTyped(value: string, onChange: (value: string) => void, pause = 250) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const tell = useDebouncedCallback(onChange, pause);
  if (value !== seen) {
    setSeen(value);
    if (value.trim() !== typed.trim()) setTyped(value);
  }
  const change = (text: string) => {
    setTyped(text);
    tell(text);
  };
  return [typed, change] as const;
}

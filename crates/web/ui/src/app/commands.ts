import { useEffect, useEffectEvent } from "react";

import { createStore } from "../lib/store";

/** Something that the command bar offers. */
export interface Command {
  id: string;
  label: string;
  combo?: string;
  run: () => void;
}

/** What the page that is open offers in the command bar. */
export const pageCommands = createStore<readonly Command[]>([]);

/** Offers commands while the component is shown. */
export function useCommands(commands: readonly Command[]): void {
  const current = useEffectEvent((id: string) => commands.find((command) => command.id === id)?.run());
  const shown = commands.map(({ id, label, combo }) => `${id}\t${label}\t${combo ?? ""}`).join("\n");
  useEffect(() => {
    const mine = shown
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [id = "", label = "", combo] = line.split("\t");
        return { id, label, combo: combo || undefined, run: () => current(id) };
      });
    pageCommands.set((all) => [...all, ...mine]);
    return () => pageCommands.set((all) => all.filter((command) => !mine.includes(command as (typeof mine)[number])));
  }, [shown]);
}

/** Which of the page's overlays is open. */
export const overlay = createStore<"commands" | "keys" | null>(null);

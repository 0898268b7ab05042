import { useLocalStorage } from "@mantine/hooks";
import { useMe } from "../../api/client";
import { finished, steps, type Step } from "./steps";
import { useFacts } from "./useFacts";

/** The steps of the guide while it is to be shown, and how to hide it for good in this browser. */
export function useGuide(): { open: Step[] | undefined; hide: () => void } {
  const { tenant } = useMe();
  const [hidden, setHidden] = useLocalStorage({
    key: `trunkline.guide.hidden.${tenant.id}`,
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const facts = useFacts(!hidden);
  const all = facts && !hidden ? steps(facts) : undefined;
  return { open: all && !finished(all) ? all : undefined, hide: () => setHidden(true) };
}

import { useMe } from "../../api/client";
import { reaches } from "../../app/navigation";

/** What whoever is logged in may do, as the API decides it too; here it is only what is offered. */
export function useMay() {
  const { user } = useMe();
  return {
    role: user.role,
    userId: user.id,
    /** Work with leads, send texts. */
    answer: reaches(user.role, "agent"),
    /** Channels and team. */
    manage: reaches(user.role, "admin"),
    /** API keys and the tenant's settings. */
    own: reaches(user.role, "owner"),
  };
}

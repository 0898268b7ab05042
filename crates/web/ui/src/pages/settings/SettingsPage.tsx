import { ErrorState } from "../../components/ErrorState";
import { Page } from "../../components/Page";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { settings as t } from "../../strings/settings";
import { useTenant } from "../data/team";
import { Appearance } from "./Appearance";
import { Business } from "./Business";
import { LoginSection } from "./LoginSection";
import { PasswordForm } from "./PasswordForm";
import { QuietHours } from "./QuietHours";

/** The business's settings, and one's own. */
export function SettingsPage() {
  const query = useTenant();
  return (
    <Page title={t.title}>
      {query.isPending ? (
        <RowsSkeleton rows={2} height={180} />
      ) : query.data ? (
        <>
          <Business tenant={query.data} />
          <QuietHours tenant={query.data} />
        </>
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      )}
      <PasswordForm />
      <LoginSection />
      <Appearance />
    </Page>
  );
}

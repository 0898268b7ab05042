import { Page } from "../../components/Page";

export function LogsPage() {
  return <Page title="" />;
}

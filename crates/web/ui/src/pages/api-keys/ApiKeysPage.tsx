import { Page } from "../../components/Page";

export function ApiKeysPage() {
  return <Page title="" />;
}

import { Page } from "../../components/Page";
import { imports } from "../../strings/imports";

export function ImportPage() {
  return <Page title={imports.title} />;
}

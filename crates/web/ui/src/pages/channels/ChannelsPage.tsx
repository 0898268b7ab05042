import { Page } from "../../components/Page";

export function ChannelsPage() {
  return <Page title="" />;
}

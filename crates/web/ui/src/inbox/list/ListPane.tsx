import type { ConversationQuery } from "../../api/types";
import { strings } from "../../app/strings";
import type { InboxSearch } from "../search";
import { ConversationList } from "./ConversationList";
import { ListHeader } from "./ListHeader";
import classes from "./ListPane.module.css";

interface ListPaneProps {
  search: InboxSearch;
  query: ConversationQuery;
  selectedId: string | undefined;
}

/** Everything left of the thread. */
export function ListPane({ search, query, selectedId }: ListPaneProps) {
  return (
    <section className={classes.pane} aria-label={strings.inbox.list.label}>
      <ListHeader search={search} />
      <ConversationList search={search} query={query} selectedId={selectedId} />
    </section>
  );
}

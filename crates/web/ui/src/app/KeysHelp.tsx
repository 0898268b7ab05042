import { Modal } from "@mantine/core";

import { Keys } from "../components/Keys";
import { strings } from "./strings";
import classes from "./KeysHelp.module.css";

const t = strings.keyHelp;

const GROUPS: [string, [string, string][]][] = [
  [t.groups.everywhere, [["mod+k", t.command], ["?", t.help], ["escape", t.escape]]],
  [
    t.groups.inbox,
    [["alt+j", t.next], ["alt+k", t.previous], ["alt+e", t.close], ["alt+m", t.snooze], ["alt+p", t.note], ["alt+l", t.reply]],
  ],
  [t.groups.compose, [["mod+enter", t.send], ["enter", t.newline], ["alt+a", t.attach]]],
];

/** All keys and what they do. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t.title} size="md">
      {GROUPS.map(([name, entries]) => (
        <section key={name}>
          <h3 className={classes.group}>{name}</h3>
          <dl className={classes.list}>
            {entries.map(([combo, label]) => (
              <div key={combo} className={classes.row}>
                <dt>{label}</dt>
                <dd>
                  <Keys combo={combo} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}

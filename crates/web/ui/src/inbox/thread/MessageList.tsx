import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconArrowDown } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { strings } from "../../app/strings";
import type { Pending } from "../outbox";
import type { Row } from "../rows";
import { ThreadRow } from "./ThreadRow";
import classes from "./Thread.module.css";

const t = strings.inbox.thread;

/** So near to the end counts as being there. */
const NEAR_END_PX = 80;
/** Older messages are fetched this many rows before the first one is in sight. */
const AHEAD = 12;

interface MessageListProps {
  rows: readonly Row[];
  address: string;
  mayWrite: boolean;
  nameOf: (userId: string | null | undefined) => string | null;
  onEdit: (pending: Pending) => void;
  hasOlder: boolean;
  loadingOlder: boolean;
  loadOlder: () => void;
  /** Told when the end comes in sight or goes out of it. */
  onAtEnd: (atEnd: boolean) => void;
}

/**
 * The thread. Only what is in sight is drawn; older messages are put before it without moving what
 * somebody reads, and new ones are followed only by who is at the end.
 */
export function MessageList(props: MessageListProps) {
  const { rows, hasOlder, loadingOlder, loadOlder, onAtEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PX,
    paddingEnd: 16,
    useAnimationFrameWithResizeObserver: false,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;

  // Opens at the end; or at the first unread message, if there are more than fit.
  const opened = useRef(false);
  const sticks = useRef(true);
  const top = useRef(0);
  // Whether somebody has moved since we were last at the end, and not only the layout.
  const moved = useRef(false);
  const newAt = rows.findIndex((row) => row.kind === "new");
  useLayoutEffect(() => {
    if (opened.current || rows.length === 0) return;
    opened.current = true;
    sticks.current = !(newAt >= 0 && rows.length - newAt > 14);
    if (sticks.current) virtual.scrollToEnd();
    else virtual.scrollToIndex(newAt, { align: "start" });
  }, [rows.length, newAt, virtual]);

  useEffect(() => {
    if (opened.current && hasOlder && !loadingOlder && first <= AHEAD) loadOlder();
  }, [first, hasOlder, loadingOlder, loadOlder]);

  // Who is at the end stays there, whatever grows: a picture, a failure, a bubble that is replaced.
  const size = virtual.getTotalSize();
  useLayoutEffect(() => {
    if (opened.current && sticks.current) virtual.scrollToEnd();
  }, [size, rows, virtual]);

  useEffect(() => {
    const list = scroller.current;
    if (!list || !canvas.current) return;
    // Rows are measured after they are drawn: the canvas may get its height when all effects are done.
    const watch = new ResizeObserver(() => {
      if (opened.current && sticks.current) list.scrollTop = list.scrollHeight;
    });
    watch.observe(list);
    watch.observe(canvas.current);
    return () => watch.disconnect();
  }, []);

  // What we write ourselves is followed from wherever we are.
  const pendingCount = rows.filter((row) => row.kind === "pending").length;
  const pendingBefore = useRef(pendingCount);
  useEffect(() => {
    if (pendingCount > pendingBefore.current) {
      sticks.current = true;
      virtual.scrollToEnd();
    }
    pendingBefore.current = pendingCount;
  }, [pendingCount, virtual]);

  const report = () => {
    const list = scroller.current;
    if (!list) return;
    const position = list.scrollTop;
    const now = list.scrollHeight - position - list.clientHeight <= NEAR_END_PX;
    // Only going up leaves the end. What grows below moves nobody away, nor does what turns out smaller
    // than it was taken for, by which the position comes down as well.
    if (now) {
      sticks.current = true;
      // Not while somebody is about to leave: a list goes on by itself after the finger is lifted.
      if (position >= top.current) moved.current = false;
    } else if (moved.current && position < top.current) sticks.current = false;
    top.current = position;
    if (now === atEnd) return;
    setAtEnd(now);
    onAtEnd(now);
  };

  const move = () => {
    moved.current = true;
  };

  return (
    <div className={classes.listFrame}>
      <div
        ref={scroller}
        className={classes.list}
        // While capturing: before the rows are laid out anew, which would go back to the end.
        onScrollCapture={report}
        onWheel={move}
        onTouchMove={move}
        onPointerDown={move}
        onKeyDown={move}
        role="log"
        aria-live="off"
        aria-label={t.messages}
        tabIndex={0}
      >
        {loadingOlder && (
          <div className={classes.older} role="status" aria-label={t.loadingOlder}>
            <Skeleton height={8} width={90} radius="xl" />
          </div>
        )}
        <div ref={canvas} className={classes.canvas} style={{ height: size }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  data-index={item.index}
                  ref={virtual.measureElement}
                  className={classes.line}
                  style={{ transform: `translateY(${String(item.start)}px)` }}
                >
                  <ThreadRow row={row} {...props} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <Tooltip label={t.jump} position="left">
          <ActionIcon className={classes.jump} variant="default" size={38} radius="xl" onClick={() => virtual.scrollToEnd({ behavior: "smooth" })} aria-label={t.jump}>
            <IconArrowDown size={19} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

/** A first guess of a row's height, good enough that measuring moves little. */
function estimate(row: Row | undefined): number {
  switch (row?.kind) {
    case "message":
      return (
        24 +
        Math.ceil(row.message.body.length / 62) * 20 +
        row.message.media.length * 200 +
        (row.startsGroup ? 12 : 0) +
        (row.showsState ? 20 : 0)
      );
    case "note":
      return 56 + Math.ceil(row.note.body.length / 62) * 20;
    case "pending":
      return 60;
    case "day":
      return 44;
    default:
      return 32;
  }
}

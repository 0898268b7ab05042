import { Modal, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { IconSearch } from "@tabler/icons-react";
import { Fragment, useId, useState, type KeyboardEvent, type ReactNode } from "react";

import { api, unwrap, useMe } from "../api/client";
import { keys } from "../api/keys";
import type { SearchResult } from "../api/types";
import { Avatar } from "../components/Avatar";
import { Keys } from "../components/Keys";
import { RelativeTime } from "../components/RelativeTime";
import { formatPhone } from "../lib/phone";
import { useStore } from "../lib/store";
import { SCHEMES } from "./AccountMenu";
import { pageCommands } from "./commands";
import { destinations, reaches } from "./navigation";
import { strings } from "./strings";
import classes from "./CommandBar.module.css";

const t = strings.commands;

interface Option {
  id: string;
  group: string;
  label: string;
  hint?: ReactNode;
  icon?: ReactNode;
  run: () => void;
}

/** Finds people and messages, goes to pages, does things: all by keyboard. */
export function CommandBar({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const listId = useId();
  const options = useOptions(text.trim());
  const active = Math.min(at, options.length - 1);
  const choose = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((active + step + options.length) % Math.max(1, options.length));
    }
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(options[active]);
    }
  };
  return (
    <Modal.Root opened onClose={onClose} size={620} yOffset="12vh" centered={false}>
      <Modal.Overlay />
      <Modal.Content aria-label={strings.common.nav.commands} className={classes.bar}>
      <div className={classes.search}>
        <IconSearch size={18} stroke={1.8} aria-hidden />
        <input
          className={classes.input}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={t.placeholder}
          role="combobox"
          aria-label={t.placeholder}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={options[active] ? `${listId}-${options[active].id}` : undefined}
          data-autofocus
        />
      </div>
      <div className={classes.list} id={listId} role="listbox" aria-label={strings.common.nav.commands}>
        {options.length === 0 && <p className={classes.none}>{t.none}</p>}
        {options.map((option, index) => (
          <Fragment key={option.id}>
            {options[index - 1]?.group !== option.group && (
              <div className={classes.group} role="presentation">
                {option.group}
              </div>
            )}
            <div
              id={`${listId}-${option.id}`}
              role="option"
              aria-selected={index === active}
              className={classes.option}
              ref={index === active ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
              onPointerMove={() => setAt(index)}
              onClick={() => choose(option)}
            >
              {option.icon}
              <span className={classes.label}>{option.label}</span>
              {option.hint && <span className={classes.hint}>{option.hint}</span>}
            </div>
          </Fragment>
        ))}
      </div>
      <p className={classes.foot}>{t.hint}</p>
      </Modal.Content>
    </Modal.Root>
  );
}

function useOptions(text: string): Option[] {
  const found = useFound(text);
  const commands = useCommandOptions();
  const words = text.toLowerCase().split(/\s+/);
  const fitting = commands.filter((option) => words.every((word) => option.label.toLowerCase().includes(word)));
  return [...found, ...fitting];
}

function useFound(text: string): Option[] {
  const navigate = useNavigate();
  const [q] = useDebouncedValue(text, 160);
  const search = useQuery({
    queryKey: keys.search(q),
    queryFn: () => unwrap(api.GET("/api/v1/search", { params: { query: { q, limit: 12 } } })),
    enabled: q.length >= 2,
    placeholderData: (before) => before,
    staleTime: 10_000,
  });
  if (text.length < 2) return [];
  const open = (conversationId: string | null | undefined, leadId: string) => () =>
    void (conversationId
      ? navigate({ to: "/inbox/$conversationId", params: { conversationId }, search: {} })
      : navigate({ to: "/leads/$leadId", params: { leadId } }));
  const options = (search.data?.data ?? []).map((hit) => optionOf(hit, open));
  // Grouped, and in each group as the API found them.
  const groups = [t.groups.leads, t.groups.messages, t.groups.notes];
  return groups.flatMap((group) => options.filter((option) => option.group === group));
}

function optionOf(hit: SearchResult, open: (conversationId: string | null | undefined, leadId: string) => () => void): Option {
  const { lead } = hit;
  const name = lead.name || formatPhone(lead.phone);
  const icon = <Avatar name={lead.name} seed={lead.id} size={26} />;
  if (hit.type === "lead") {
    const hint = lead.name ? formatPhone(lead.phone) : undefined;
    return { id: `lead-${lead.id}`, group: t.groups.leads, label: name, hint, icon, run: open(hit.conversation_id, lead.id) };
  }
  const [group, item] = hit.type === "note" ? [t.groups.notes, hit.note] : [t.groups.messages, hit.message];
  return {
    id: `${hit.type}-${item.id}`,
    group,
    label: `${name}: ${item.body}`,
    hint: <RelativeTime at={item.created_at} />,
    icon,
    run: open(hit.conversation_id, lead.id),
  };
}

function useCommandOptions(): Option[] {
  const navigate = useNavigate();
  const role = useMe().user.role;
  const { setColorScheme } = useMantineColorScheme();
  const page = useStore(pageCommands);
  return [
    ...page.map((command) => ({
      id: `page-${command.id}`,
      group: t.groups.act,
      label: command.label,
      hint: command.combo ? <Keys combo={command.combo} /> : undefined,
      run: command.run,
    })),
    ...destinations
      .filter((entry) => reaches(role, entry.role))
      .map((entry) => ({
        id: `go-${entry.to.slice(1)}`,
        group: t.groups.go,
        label: t.go(entry.label),
        icon: <entry.icon size={18} stroke={1.7} aria-hidden />,
        run: () => void navigate({ to: entry.to }),
      })),
    ...SCHEMES.map((scheme) => ({
      id: `theme-${scheme.value}`,
      group: t.groups.act,
      label: t.theme(scheme.label),
      icon: <scheme.icon size={18} stroke={1.7} aria-hidden />,
      run: () => setColorScheme(scheme.value),
    })),
  ].sort((a, b) => Number(a.group === t.groups.go) - Number(b.group === t.groups.go));
}

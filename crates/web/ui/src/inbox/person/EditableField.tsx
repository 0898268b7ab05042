import { TextInput } from "@mantine/core";
import { useState } from "react";

import { ApiProblem } from "../../api/problem";
import { errorWords, sentence } from "../../components/errorWords";
import classes from "./Person.module.css";

interface EditableFieldProps {
  label: string;
  value: string;
  /** What the empty field says. */
  add: string;
  shown?: React.ReactNode;
  editable: boolean;
  type?: "text" | "email" | "tel";
  /** Where the API says what is wrong with it. */
  pointer: string;
  suggestions?: readonly string[];
  onSave: (value: string) => Promise<unknown>;
}

/** A field that becomes an input when it is clicked; Enter or leaving saves, Escape doesn't. */
export function EditableField(props: EditableFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const save = async () => {
    const next = text?.trim() ?? "";
    if (text === null) return;
    if (next === props.value) {
      setText(null);
      setError(null);
      return;
    }
    try {
      await props.onSave(next);
      setText(null);
      setError(null);
    } catch (reason) {
      const field = reason instanceof ApiProblem ? reason.field(props.pointer) : undefined;
      setError(field ? sentence(field) : errorWords(reason).detail);
    }
  };
  const listId = props.suggestions ? `suggest-${props.label.replaceAll(" ", "-")}` : undefined;
  return (
    <div className={classes.field}>
      <span className={classes.fieldLabel}>{props.label}</span>
      {text === null ? (
        <button type="button" className={classes.fieldValue} disabled={!props.editable} onClick={() => setText(props.value)} data-empty={props.value === "" || undefined} aria-label={`${props.label}: ${props.value || props.add}`}>
          {props.value ? (props.shown ?? props.value) : props.editable ? props.add : "–"}
        </button>
      ) : (
        <TextInput
          size="xs"
          autoFocus
          type={props.type ?? "text"}
          value={text}
          list={listId}
          error={error}
          aria-label={props.label}
          onChange={(event) => setText(event.currentTarget.value)}
          onBlur={() => void save()}
          onKeyDown={(event) => {
            if (event.key === "Enter") void save();
            if (event.key === "Escape") {
              event.stopPropagation();
              setText(null);
              setError(null);
            }
          }}
        />
      )}
      {listId && text !== null && (
        <datalist id={listId}>
          {props.suggestions?.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </div>
  );
}

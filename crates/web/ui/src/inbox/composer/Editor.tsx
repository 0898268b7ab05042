import type { ClipboardEvent, KeyboardEvent, Ref } from "react";

import type { Forcing } from "../segments";
import classes from "./Composer.module.css";

interface EditorProps {
  ref: Ref<HTMLTextAreaElement>;
  value: string;
  forcing: readonly Forcing[];
  label: string;
  placeholder: string;
  maxLength: number;
  onChange: (value: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onFiles: (files: File[]) => void;
  describedBy?: string;
}

/**
 * A text field that grows with its text and marks characters. Behind it stands the same text again,
 * unseen but for its marks; as both fill one cell of a grid, it also gives the field its height.
 */
export function Editor({ ref, value, forcing, onChange, onKeyDown, onFiles, ...rest }: EditorProps) {
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <div className={classes.editor}>
      <div className={classes.mirror} aria-hidden>
        {marked(value, forcing)}
        {"\u200b"}
      </div>
      <textarea
        ref={ref}
        className={classes.textarea}
        value={value}
        rows={1}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        aria-label={rest.label}
        aria-describedby={rest.describedBy}
        placeholder={rest.placeholder}
        maxLength={rest.maxLength}
        spellCheck
      />
    </div>
  );
}

function marked(value: string, forcing: readonly Forcing[]): React.ReactNode[] {
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const { index, text } of forcing) {
    parts.push(value.slice(from, index), <mark key={index}>{text}</mark>);
    from = index + text.length;
  }
  parts.push(value.slice(from));
  return parts;
}
